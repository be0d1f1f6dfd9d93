import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import type { Call } from '../support/recorder.ts';
import { openAppWays } from './app-ways.ts';
import { openPipelineWays } from './pipeline-ways.ts';
import { type Order, orders, type Way } from './table.ts';

let emulator: Emulator;
let pipeline: Awaited<ReturnType<typeof openPipelineWays>>;
let app: Awaited<ReturnType<typeof openAppWays>>;
beforeAll(async () => {
  emulator = await startEmulator();
  pipeline = await openPipelineWays(emulator);
  app = await openAppWays();
});
afterAll(async () => {
  await pipeline?.close();
  await app?.close();
  await emulator?.stop();
});
beforeEach(() => pipeline.reset());

const short = ({ what, status }: Call) => `${what.slice(0, 160)}${status ? ` -> ${status}` : ''}`;

/** What is wrong with the calls of a way, by one line of the table. */
function faultOf(
  calls: readonly Call[],
  { first, later, again, until, inTurn, why }: Order,
): string | undefined {
  const end = until && calls.find(({ what }) => until.test(what))?.began;
  const before = calls.filter(({ what }) => first.test(what));
  const after = calls.filter(({ what, began }) => later.test(what) && (end === undefined || began < end));
  const said = `\n${first} is to come before ${later}, or ${why}. There were:\n${calls.map(short).join('\n')}`;
  if (before.length === 0) return `Nothing fits ${first}.${said}`;
  if (after.length === 0 || (until && end === undefined)) return `Nothing fits ${until ?? later}.${said}`;
  for (const [index, call] of before.entries()) {
    const begin = inTurn ? after[index] : again ? after.at(-1) : after[0];
    if (begin && call.ended < begin.began) continue;
    return `"${short(call)}" had not ended when "${begin && short(begin)}" began.${said}`;
  }
  return undefined;
}

describe('this before that', () => {
  test.each(Object.keys(orders) as Way[])('%s', async (way) => {
    const ways: Partial<Record<Way, () => Promise<Call[]>>> = { ...pipeline.ways, ...app.ways };
    const calls = (await ways[way]?.()) ?? [];
    const lines: readonly Order[] = orders[way];
    expect(lines.map((line) => faultOf(calls, line)).filter((fault) => fault !== undefined)).toEqual([]);
  });
});
