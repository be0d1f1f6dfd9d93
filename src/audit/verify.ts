import type { Database } from '../database/database.ts';
import { int, raw, sql, text } from '../database/sql.ts';
import { ENTRY_COLUMNS, GENESIS, hashOf, type StoredEntry, storedEntry } from './entry.ts';

/** A place in the chain, to be noted somewhere else and compared later. */
export interface AuditHead {
  sequence: number;
  hash: string;
}

export interface AuditProblem {
  /** The entry that is wrong, or should be there. */
  sequence: number;
  kind: 'missing' | 'altered' | 'moved';
  /** A sentence for people. */
  message: string;
}

export interface AuditVerification {
  /** Entries that were looked at. */
  entries: number;
  head: AuditHead;
  /** In order; at most 100. */
  problems: AuditProblem[];
}

const PAGE = 500;
const MAX_PROBLEMS = 100;
const MAX_SEQUENCE = 2 ** 31 - 1;

/**
 * Goes along the whole chain. It finds entries that were removed, changed, or put in another place, also where the
 * hash was made to fit again. Whoever may write to the whole database could rewrite all of the chain from some entry
 * on, its head too: that is found by `expected`, heads that were noted elsewhere.
 */
export async function verifyChain(
  database: Database,
  expected: readonly AuditHead[] = [],
): Promise<AuditVerification> {
  const problems: AuditProblem[] = [];
  const report = (sequence: number, kind: AuditProblem['kind'], message: string) => {
    if (problems.length < MAX_PROBLEMS) problems.push({ sequence, kind, message });
  };
  const [heads] = await database.read([sql`SELECT sequence, hash FROM audit_head WHERE id = 1`]);
  const head: AuditHead = {
    sequence: Number(heads?.[0]?.sequence ?? 0),
    hash: (heads?.[0]?.hash as string | undefined) ?? GENESIS,
  };
  let entries = 0;
  let last: AuditHead = { sequence: 0, hash: GENESIS };
  const noted = new Map<number, Set<string>>();
  for (const { sequence, hash } of expected) {
    // Nothing had been recorded yet.
    if (sequence > 0) noted.set(sequence, (noted.get(sequence) ?? new Set()).add(hash));
  }
  for await (const entry of chain(database, heads?.length === 1 ? head.sequence : MAX_SEQUENCE)) {
    entries += 1;
    const { sequence, previous, hash } = entry;
    const gap = sequence - last.sequence - 1;
    if (gap > 0) reportMissing(report, last.sequence + 1, sequence - 1);
    else if (previous !== last.hash) await reportUnlinked(database, report, entry, last);
    if (hashOf(entry, previous) !== hash) {
      report(sequence, 'altered', `Entry ${sequence} is not what its hash was made of: it was changed.`);
    }
    for (const one of noted.get(sequence) ?? []) {
      if (hash === one) continue;
      report(
        sequence,
        'altered',
        `Entry ${sequence} has another hash than the one you noted: it was replaced.`,
      );
    }
    last = { sequence, hash };
  }
  if (heads?.length !== 1) report(last.sequence + 1, 'missing', 'The head of the chain was removed.');
  else if (last.sequence < head.sequence) reportMissing(report, last.sequence + 1, head.sequence);
  else if (last.hash !== head.hash) {
    report(
      last.sequence,
      'altered',
      `Entry ${last.sequence} is not the one the head of the chain names: it was replaced.`,
    );
  }
  const furthest = noted.size === 0 ? 0 : [...noted.keys()].reduce((most, one) => Math.max(most, one));
  if (furthest > Math.max(last.sequence, head.sequence)) {
    reportMissing(report, Math.max(last.sequence, head.sequence) + 1, furthest);
  }
  return { entries, head, problems };
}

type Report = (sequence: number, kind: AuditProblem['kind'], message: string) => void;

function reportMissing(report: Report, from: number, to: number): void {
  const which = from === to ? `Entry ${from} is` : `Entries ${from} to ${to} are`;
  report(from, 'missing', `${which} missing.`);
}

/** Which of two neighbours is wrong, where the second does not follow on the first. */
async function reportUnlinked(
  database: Database,
  report: Report,
  { sequence, previous }: StoredEntry,
  before: AuditHead,
): Promise<void> {
  const [rows] = await database.read([sql`SELECT sequence FROM audit_entry WHERE hash = ${text(previous)}`]);
  const other = previous === GENESIS ? 0 : rows?.[0]?.sequence;
  if (other !== undefined) {
    const place = other === 0 ? 'first' : `after entry ${other}`;
    report(sequence, 'moved', `Entry ${sequence} was written to stand ${place}: the order was changed.`);
  } else if (before.sequence === 0) {
    report(
      sequence,
      'missing',
      'The beginning of the chain was removed: the first entry follows on another.',
    );
  } else {
    report(
      before.sequence,
      'altered',
      `Entry ${before.sequence} is not the one on which entry ${sequence} follows: it was replaced, its hash too.`,
    );
  }
}

async function* chain(database: Database, to: number): AsyncGenerator<StoredEntry> {
  for (let after = 0; ; ) {
    const [rows = []] = await database.read([
      sql`SELECT ${raw(ENTRY_COLUMNS)} FROM audit_entry WHERE sequence > ${int(after)} AND sequence <= ${int(to)}
        ORDER BY sequence${database.dialect.limit(PAGE)}`,
    ]);
    for (const row of rows) yield storedEntry(row);
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.sequence as number;
  }
}
