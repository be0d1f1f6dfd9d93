/**
 * The storage service in a process that kills itself, as a power cut would, when it comes to a point for the n-th time:
 * `node victim.ts <folder> <point> <n>`, accounts in STORAGE_ACCOUNTS as `name:key`. Without a point it lives until
 * somebody else kills it.
 */
import { startStorage } from '../../../../src/local/storage/start.ts';

const [folder = '', point, n = '1'] = process.argv.slice(2);
const [name = '', key = ''] = (process.env.STORAGE_ACCOUNTS ?? '').split(':');
let left = Number(n);

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
process.on('disconnect', () => process.exit(1));
process.send?.({ connectionString: storage.connectionString });
