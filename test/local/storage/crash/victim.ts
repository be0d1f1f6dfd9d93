/**
 * The storage service in a process that kills itself, as a power cut would, when it comes to a point for the n-th time
 * after a message `{ point, n }`: `node victim.ts <folder>`, the account in STORAGE_ACCOUNTS as `name:key`. Without such
 * a message it lives until somebody else kills it.
 */
import { startStorage } from '../../../../src/local/storage/start.ts';

const [folder = ''] = process.argv.slice(2);
const [name = '', key = ''] = (process.env.STORAGE_ACCOUNTS ?? '').split(':');
let point: string | undefined;
let left = 0;

const storage = await startStorage({
  folder,
  accounts: [{ name, keys: [key] }],
  at: (here) => {
    if (here !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  },
  onUnexpected: (error, what) => process.send?.({ unexpected: `${what}: ${error}` }),
});
process.on('message', (end: { point: string; n: number }) => {
  point = end.point;
  left = end.n;
});
process.on('disconnect', () => process.exit(1));
process.send?.({ connectionString: storage.connectionString });
