import { isSigned, noteOf, notesIn } from '../audit/noted-head.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { AuditHead, AuditProblem, AuditVerification } from '../audit/verify.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { Settings } from '../domain/settings.ts';
import type { Blobs } from '../storage/blobs.ts';

type HeadSettings = Pick<Settings, 'AUDIT_SIGNING_KEY' | 'AUDIT_HEADS_CONTAINER'>;

interface HeadNotes {
  readonly settings: HeadSettings;
  readonly storage: { readonly blobs: Blobs };
  readonly clock: Clock;
  results(): Promise<{ readonly audit: Pick<AuditTrail, 'head'> }>;
}

/**
 * Notes the head of the audit trail where the owners of its database do not write: a signed word in the log, and where
 * there is a container for it a blob that is written once, which an immutability policy then keeps.
 *
 * @param last what was noted before: nothing is noted twice in a row
 * @returns what is noted now
 */
export async function noteHead(app: HeadNotes, log: Log, last: number): Promise<number> {
  const head = await (await app.results()).audit.head();
  if (head === undefined || head.sequence === last) return last;
  const { AUDIT_SIGNING_KEY: key, AUDIT_HEADS_CONTAINER: container } = app.settings;
  const note = noteOf(head, new Date(app.clock()).toISOString(), key);
  log.info('audit.head', { note });
  if (container !== undefined)
    await app.storage.blobs.create(container, blobName(head), Buffer.from(note), 'text/plain');
  return head.sequence;
}

/** In the order of the chain; what is compared stands in the name, so that a listing says all. */
const blobName = ({ sequence, hash }: AuditHead): string => `${String(sequence).padStart(9, '0')}-${hash}`;

/** The heads of the container that blobs of `noteHead` are in. */
export async function headsIn(blobs: Blobs, container: string): Promise<AuditHead[]> {
  const heads: AuditHead[] = [];
  for await (const { name } of blobs.list(container)) {
    const [, sequence, hash] = /^(\d{9})-([0-9a-f]{64})$/.exec(name) ?? [];
    if (sequence !== undefined && hash !== undefined) heads.push({ sequence: Number(sequence), hash });
  }
  return heads;
}

/**
 * Verifies the trail against heads that stand elsewhere.
 *
 * @param given.texts logs, or parts of them
 * @param given.heads what a person has noted, and what no signature is needed for
 */
export async function verifyAgainst(
  audit: Pick<AuditTrail, 'verify'>,
  key: string | undefined,
  given: { texts: readonly string[]; heads: readonly AuditHead[] },
): Promise<AuditVerification & { noted: number }> {
  const noted = given.texts.flatMap(notesIn);
  const heads = [...given.heads, ...noted];
  const found = await audit.verify(heads);
  const forged = key === undefined ? [] : noted.filter((note) => !isSigned(note, key));
  const problems = forged.slice(0, 100 - found.problems.length).map(
    ({ sequence, at }): AuditProblem => ({
      sequence,
      kind: 'altered',
      message: `The head that was noted at ${at} (entry ${sequence}) is not signed by this app: somebody else wrote it, or changed it.`,
    }),
  );
  return { ...found, problems: [...found.problems, ...problems], noted: heads.length };
}
