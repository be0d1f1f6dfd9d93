/** The command line's entry point; `bin/imaginem.js` finds the runtime for it. */
import { createInterface } from 'node:readline/promises';
import { openScreen } from './format/screen.ts';
import { run } from './program.ts';

// What it writes shows people: for the one who runs it only.
process.umask(0o077);

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
// `imaginem results | head`: the reader has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const exitCode = await run(process.argv.slice(2), {
  env: process.env,
  screen: openScreen(),
  complain: (text) => console.error(text),
  signal: stopping.signal,
  ...(process.stdin.isTTY && process.stdout.isTTY && { ask }),
});
// What is written must have left before the process does; connections kept alive must not hold it.
process.stdout.write('', () => process.exit(exitCode));

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question, { signal: stopping.signal });
  } finally {
    terminal.close();
  }
}
