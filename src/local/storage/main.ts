/**
 * The storage service as a process of its own. Its accounts come in the environment, as
 * STORAGE_ACCOUNTS="name:key;name:key:second key". Says `storage service listening on ...` once it answers, and sends
 * its parent `{ type: 'ready', ports }`; stops on SIGTERM, SIGINT, the message 'shutdown', or when its parent is gone.
 */
import { parseArgs } from 'node:util';
import type { Account } from './auth/account.ts';
import { type RunningStorage, startStorage } from './start.ts';

process.umask(0o077);
const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    'blob-port': { type: 'string', default: '0' },
    'queue-port': { type: 'string', default: '0' },
    'table-port': { type: 'string', default: '0' },
  },
});

const accounts = (text: string): Account[] =>
  text
    .split(';')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...keys] = part.split(':');
      return { name, keys };
    });

let storage: RunningStorage | undefined;
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await storage?.close();
  process.exit(code);
}

// With the parent gone its output has nowhere to go, which must not keep it from closing.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
process.on('message', (message) => {
  if (message === 'shutdown') void stop(0);
});
process.on('disconnect', () => void stop(0));

try {
  if (values.folder === undefined) throw new Error('Name the folder that keeps the data, with --folder.');
  storage = await startStorage({
    folder: values.folder,
    accounts: accounts(process.env.STORAGE_ACCOUNTS ?? ''),
    ports: {
      blob: Number(values['blob-port']),
      queue: Number(values['queue-port']),
      table: Number(values['table-port']),
    },
    // Only a new process, that reads the disk, knows what was kept: nothing here may be closed in good order.
    onLost: (error) => {
      console.error(
        `The disk did not keep what was written (${Object(error).code ?? error}): nothing of it was answered, and the service ends, to begin anew from what is there. Look at the disk.`,
      );
      process.exit(1);
    },
    onUnexpected: (error, what) =>
      console.error(
        `unexpected: ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ),
  });
  console.log(`storage service listening on ${storage.blobUrl}, ${storage.queueUrl} and ${storage.tableUrl}`);
  process.send?.({ type: 'ready', ports: storage.ports });
} catch (error) {
  const { code, port, message } = Object(error) as { code?: string; port?: number; message?: string };
  console.error(code === 'EADDRINUSE' ? `Port ${port} is taken by another program.` : message);
  await stop(1);
}
