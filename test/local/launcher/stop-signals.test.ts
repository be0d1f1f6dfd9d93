import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { onParentGone } from '../../../src/local/launcher/stop-signals.ts';

const FROM_NPM = { npm_lifecycle_event: 'start' };

test('the end of the shell that npm ran it in is a request to stop, also where its pid stays the same', async () => {
  const shell = spawn(process.execPath, ['-e', '']);
  await once(shell, 'exit');
  const stop = vi.fn();
  const release = onParentGone(FROM_NPM, stop, shell.pid);
  await vi.waitFor(() => expect(stop).toHaveBeenCalledOnce(), { timeout: 10_000 });
  release();
});

test('a launcher that npm did not start has nobody to watch', () => {
  const timers = vi.spyOn(globalThis, 'setInterval');
  onParentGone({}, () => {}, 1)();
  expect(timers).not.toHaveBeenCalled();
  timers.mockRestore();
});
