import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { InvalidArgumentError } from 'commander';
import { headsIn, verifyAgainst } from '../../admin/audit-heads.ts';
import { AUDIT_ACTIONS } from '../../audit/actions.ts';
import type { AuditEntry } from '../../audit/entry.ts';
import { subject } from '../../audit/subject.ts';
import type { AuditFilter } from '../../audit/trail.ts';
import type { AuditHead } from '../../audit/verify.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import type { Connection } from '../connect.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';
import { whole } from '../option-values.ts';

interface ListOptions {
  action?: string;
  image?: string;
  face?: string;
  batch?: string;
  limit: number;
  before?: number;
  json?: boolean;
}

interface VerifyOptions {
  expect?: AuditHead;
  noted?: string[];
  json?: boolean;
}

export const addAudit: AddCommand = (program, context) => {
  const audit = program
    .command('audit')
    .description('who searched, decided, exported, replayed or erased what')
    .addHelpText('after', examples('imaginem audit list --batch camp-4', 'imaginem audit verify'));
  audit
    .command('list')
    .description('entries of the audit trail, newest first')
    .option('--action <action>', `only of this kind: ${Object.keys(AUDIT_ACTIONS).join(', ')}`)
    .option('--image <id>', 'only about this image')
    .option('--face <key>', 'only about this face')
    .option('--batch <id>', 'only about this batch')
    .option('--limit <number>', 'at most so many, up to 1000', whole, 100)
    .option('--before <number>', 'only entries before this one', whole)
    .option('--json', 'a JSON array of entries')
    .addHelpText(
      'after',
      `${examples('imaginem audit list --action match.decided', 'imaginem audit list --image 0b5c... --json')}\n\nEntries name images, faces and batches by ids and hashes only.`,
    )
    .action((options: ListOptions) => list(options, context));
  audit
    .command('verify')
    .description('look for entries that are missing, were changed or moved; exit code 1 where one is')
    .option('--expect <head>', 'the head an earlier verify named, number:hash', head)
    .option('--noted <files...>', 'logs in which heads were noted (event audit.head)')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${examples('imaginem audit verify', 'imaginem audit verify --expect 1204:9f86d081...', 'imaginem audit verify --noted host-2026-11.log')}\n\nNote the head it names outside of this database: only so is it seen when somebody who may change\neverything has written the end of the trail anew.`,
    )
    .action((options: VerifyOptions) => verify(options, context));
};

function head(text: string): AuditHead {
  const [, sequence, hash] = /^(\d{1,9}):([0-9a-f]{64})$/.exec(text.trim()) ?? [];
  if (sequence !== undefined && hash !== undefined) return { sequence: Number(sequence), hash };
  throw new InvalidArgumentError('It must be a number, a colon, and a hash of 64 hex digits.');
}

async function list(options: ListOptions, { connect, screen }: CommandContext): Promise<void> {
  const store = await (await connect()).results();
  const entries = await store.audit.list(filterOf(options));
  if (options.json) return screen.line(JSON.stringify(entries, undefined, 2));
  if (entries.length === 0) return screen.line('No entries.');
  const rows = entries.map((entry) => [
    String(entry.sequence),
    entry.at.slice(0, 19).replace('T', ' '),
    printable(entry.who),
    entry.action,
    printable(entry.about.join(' ')),
    detailText(entry),
  ]);
  screen.line(
    `${table(['No.', 'When (UTC)', 'Who', 'Action', 'About', 'Detail'], rows)}\n${count(entries.length, 'entry', 'entries')}.`,
  );
}

function filterOf({ action, image, face, batch, limit, before }: ListOptions): AuditFilter {
  if (action !== undefined && !(action in AUDIT_ACTIONS)) {
    const known = Object.keys(AUDIT_ACTIONS).join(', ');
    throw new CliError(`There is no action "${printable(action)}": choose among ${known}.`, EXIT.usage);
  }
  const about = [
    ...(image === undefined ? [] : [subject.image(image)]),
    ...(face === undefined ? [] : [subject.face(face)]),
    ...(batch === undefined ? [] : [subject.batch(batch)]),
  ];
  if (about.length > 1) throw new CliError('Give one of --image, --face and --batch.', EXIT.usage);
  return {
    limit,
    ...(action !== undefined && { action }),
    ...(before !== undefined && { before }),
    ...(about[0] !== undefined && { about: about[0] }),
  };
}

const detailText = ({ detail }: AuditEntry): string =>
  printable(
    Object.entries(detail)
      .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`)
      .join(' '),
  );

async function verify(options: VerifyOptions, context: CommandContext): Promise<void> {
  const { expect, json } = options;
  const connection = await context.connect();
  const store = await connection.results();
  const container = connection.setting('AUDIT_HEADS_CONTAINER');
  const found = await verifyAgainst(store.audit, connection.setting('AUDIT_SIGNING_KEY'), {
    texts: await notedTexts(options, connection),
    heads: [
      ...(expect ? [expect] : []),
      ...(container === undefined ? [] : await headsIn((await connection.app()).storage.blobs, container)),
    ],
  });
  if (found.problems.length > 0) context.exitWith(EXIT.failed);
  if (json) return context.screen.line(JSON.stringify(found, undefined, 2));
  for (const { message } of found.problems) context.screen.line(message);
  const entries = count(found.entries, 'entry', 'entries');
  context.screen.line(
    found.problems.length === 0
      ? `${entries}, none missing, changed or moved.`
      : `${entries} looked at: the trail is not whole.`,
  );
  if (found.noted > 0)
    context.screen.line(`Compared with ${count(found.noted, 'head', 'heads')} noted elsewhere.`);
  if (found.head.sequence > 0) context.screen.line(`Head: ${found.head.sequence}:${found.head.hash}`);
}

/** The logs that are named; of a local instance its own as well. */
async function notedTexts({ noted = [] }: VerifyOptions, { logs }: Connection): Promise<string[]> {
  const named = noted.map((file) =>
    readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new CliError(`The log ${printable(file)} cannot be read (${error.code ?? 'error'}).`, EXIT.usage);
    }),
  );
  const own = logs === undefined ? [] : ['host.log.old', 'host.log'].map((name) => path.join(logs, name));
  return Promise.all([...named, ...own.map((file) => readFile(file, 'utf8').catch(() => ''))]);
}
