/**
 * `node test/local/storage/crash/trace.ts` (Linux, with strace): writes messages, entities and blobs one after the other to a
 * service that strace watches, and checks that each answer leaves only after the log of the database was written to and
 * an fsync that began behind its last write has ended, a large blob's only after its file and the name of its file
 * were fsynced, too. Exits 1 where one does not.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accountOf } from '../wire/account.ts';
import { WireClient } from '../wire/client.ts';
import type { WireRequest } from '../wire/request.ts';

const ROUNDS = 20;
const LARGE = Buffer.alloc(300_000, 'l');
const folder = await mkdtemp(join(tmpdir(), 'imaginem-trace-'));
const trace = join(folder, 'trace.txt');
const key = Buffer.alloc(64, 'k').toString('base64');
const main = fileURLToPath(new URL('../../../../src/local/storage/main.ts', import.meta.url));
const calls = 'trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg';
const child = spawn(
  'strace',
  [
    '-f',
    '-yy',
    '-tt',
    '-s',
    '24',
    '-e',
    calls,
    '-o',
    trace,
    process.execPath,
    main,
    '--folder',
    join(folder, 'data'),
  ],
  { env: { ...process.env, STORAGE_ACCOUNTS: `teststore:${key}` }, stdio: ['ignore', 'pipe', 'inherit'] },
);
let said = '';
for await (const chunk of child.stdout) {
  said += String(chunk);
  if (/listening on .*\n/.test(said)) break;
}
const [BlobEndpoint, QueueEndpoint, TableEndpoint] = said.match(/http:\/\/[^\s,]+/g) ?? [];
const client = new WireClient(
  accountOf(
    `AccountName=teststore;AccountKey=${key};BlobEndpoint=${BlobEndpoint};QueueEndpoint=${QueueEndpoint};TableEndpoint=${TableEndpoint}`,
  ),
);
const json = { 'content-type': 'application/json', accept: 'application/json;odata=nometadata' };
const put = (name: string, body: Buffer): WireRequest => ({
  ...{ service: 'blob', method: 'PUT', path: `/traced/${name}`, body },
  headers: { 'x-ms-blob-type': 'BlockBlob' },
});
const requests: WireRequest[] = [
  { service: 'blob', method: 'PUT', path: '/traced', query: { restype: 'container' } },
  { service: 'queue', method: 'PUT', path: '/traced' },
  { service: 'table', method: 'POST', path: '/Tables', headers: json, body: '{"TableName":"traced"}' },
  ...Array.from({ length: ROUNDS }, (_, round): WireRequest[] => [
    {
      ...{
        service: 'queue',
        method: 'POST',
        path: '/traced/messages',
        headers: { 'content-type': 'application/xml' },
      },
      body: `<QueueMessage><MessageText>${round}</MessageText></QueueMessage>`,
    },
    {
      ...{ service: 'table', method: 'POST', path: '/traced', headers: json },
      body: JSON.stringify({ PartitionKey: 'p', RowKey: String(round) }),
    },
    put(`small-${round}`, Buffer.from('small')),
    put(`large-${round}`, LARGE),
    { service: 'blob', method: 'DELETE', path: `/traced/small-${round}` },
  ]).flat(),
];
for (const request of requests) {
  const { status, body } = await client.send(request);
  if (status >= 300) throw new Error(`${request.method} ${request.path}: ${status} ${body}`);
}
client.close();
// strace takes no signals for what it watches: the service is told itself.
process.kill(Number.parseInt(await readFile(trace, 'utf8'), 10), 'SIGTERM');
await once(child, 'exit');

type Kind = 'log' | 'file' | 'name';
const kindOf = (line: string): Kind | undefined => {
  if (/storage\.db-wal>/.test(line)) return 'log';
  if (/\/contents\/\d+\/\d+>/.test(line)) return 'file';
  return /\/contents\/\d+>/.test(line) ? 'name' : undefined;
};
const nothing = () => ({ written: false, log: false, file: false, name: false });

let wrong = 0;
let answers = 0;
let done = nothing();
/** Calls that have begun and not returned, by thread: of an fsync, whether the log was written to meanwhile. */
const running = new Map<string, { kind: Kind; late: boolean }>();
for (const line of (await readFile(trace, 'utf8')).split('\n')) {
  const thread = /^\d+/.exec(line)?.[0] ?? '';
  if (/ pwrite64\(/.test(line) && kindOf(line) === 'log') {
    done.written = true;
    done.log = false;
    for (const sync of running.values()) sync.late = true;
  }
  const kind = / f(?:data)?sync\(/.test(line) ? kindOf(line) : undefined;
  if (kind !== undefined && line.includes('<unfinished ...>')) running.set(thread, { kind, late: false });
  else if (kind !== undefined && line.endsWith('= 0')) done[kind] = true;
  else if (/<\.\.\. f(?:data)?sync resumed/.test(line) && line.endsWith('= 0')) {
    const sync = running.get(thread);
    running.delete(thread);
    if (sync && !(sync.kind === 'log' && sync.late)) done[sync.kind] = true;
  }
  if (!/ (?:write|writev|sendto|sendmsg)\(\d+<TCP/.test(line) || !/HTTP\/1\.1 20/.test(line)) continue;
  const { method, path } = requests[answers] ?? { method: '', path: '' };
  answers += 1;
  const large = path.includes('/large-');
  if (!done.written || !done.log || (large && !(done.file && done.name))) {
    wrong += 1;
    console.error(`${method} ${path} was answered before it was synced: ${JSON.stringify(done)}`);
  }
  done = nothing();
}
console.log(`${answers} answers to ${requests.length} writes, ${wrong} before their fsync.`);
await rm(folder, { recursive: true, force: true });
process.exit(wrong > 0 || answers !== requests.length ? 1 : 0);
