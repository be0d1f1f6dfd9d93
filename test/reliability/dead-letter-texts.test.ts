import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStack, type Stack } from '../support/stack.ts';

/** Texts that are no messages; all but the last are read as JSON by whoever parses them, and most as another text. */
const TEXTS = [
  '89e7073266',
  '35732122e2',
  'null',
  'true',
  '"quoted"',
  ' [1, 2] ',
  '{"id": 12345678901234567890}',
  '1.0',
  'no JSON',
];

let stack: Stack;
beforeAll(async () => {
  // No image gets as far as a call.
  stack = await openStack('http://127.0.0.1:9');
  await stack.startHost();
}, 120_000);
afterAll(() => stack?.stop());

test('a dead letter holds the text as it came through the running host, and no two texts share one', async () => {
  for (const text of TEXTS) await stack.app.storage.queues.send('ocr', text);
  const letters = async () => {
    const texts: string[] = [];
    for await (const { message } of stack.app.deadLetters.list()) texts.push(message);
    return texts.sort();
  };
  await expect.poll(letters, { timeout: 60_000, interval: 200 }).toEqual([...TEXTS].sort());
}, 90_000);
