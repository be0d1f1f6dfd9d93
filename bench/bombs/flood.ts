import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { openStack } from '../../test/support/stack.ts';

/**
 * What a page elsewhere can do to the host's memory by posting: six bodies of 100 MiB at once, as a browser would send
 * them, and then 400 uploads that stop half way. Linux only, for the kernel keeps the peak.
 */
const MIB = 1024 * 1024;
const stack = await openStack('http://127.0.0.1:9');
try {
  const host = stack.spawnHost();
  const [{ url }] = (await once(host.process, 'message')) as [{ url: string }];
  const status = (name: string): number =>
    Number(
      new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${host.process.pid}/status`, 'utf8'))?.[1],
    ) / 1000;
  const { hostname, port } = new URL(url);

  const post = (bytes: number, headers: Record<string, string>, sent = bytes) =>
    new Promise<number>((resolve) => {
      const call = request({
        hostname,
        port,
        method: 'POST',
        path: '/api/uploads',
        headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': bytes, ...headers },
      });
      call.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      // The host lets go of a body that it will not read.
      call.on('error', () => resolve(0));
      call.write(Buffer.alloc(sent));
      if (sent === bytes) call.end();
    });

  const measure = async (what: string, calls: readonly Promise<number>[], limitMs: number) => {
    const before = status('VmRSS');
    const started = performance.now();
    const late = new Promise<'late'>((resolve) => setTimeout(resolve, limitMs, 'late'));
    const answers = await Promise.all(calls.map((call) => Promise.race([call, late])));
    const tally = Object.entries(Object.groupBy(answers, String)).map(
      ([one, all]) => `${all?.length} x ${one}`,
    );
    const peak = Math.max(0, status('VmHWM') - before);
    console.log(
      `${what}: ${peak.toFixed(0)} MB more at the peak, ${((performance.now() - started) / 1000).toFixed(1)} s, ${tally.join(', ')}`,
    );
  };
  const foreign = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' };
  await measure(
    'six foreign posts of 100 MiB',
    Array.from({ length: 6 }, () => post(100 * MIB, foreign)),
    30_000,
  );
  await measure(
    '400 uploads of 1 MiB that stop half way (late: held open after 30 s)',
    Array.from({ length: 400 }, () => post(MIB, {}, MIB / 2)),
    30_000,
  );
  host.process.kill('SIGKILL');
} finally {
  await stack.stop();
}
process.exit();
