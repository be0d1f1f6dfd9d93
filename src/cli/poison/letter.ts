import { selectLetters } from '../../admin/select-letters.ts';
import type { App } from '../../app.ts';
import { explain } from '../../domain/error-codes.ts';
import type { DeadLetter } from '../../pipeline/journal/dead-letters.ts';
import { decodeQueueMessage } from '../../pipeline/message/codec.ts';
import { CliError } from '../errors.ts';
import { printable, shorten } from '../format/printable.ts';
import { table } from '../format/table.ts';

/** Characters of an id that are shown and enough to name it. */
export const SHORT_ID = 8;

/** What --json prints of a dead letter. */
export const letterJson = (letter: DeadLetter) => ({
  id: letter.id,
  queue: letter.queue,
  error: letter.error,
  job_id: letter.jobId ?? null,
  batch_id: letter.batchId ?? null,
  times: letter.times,
  attempts: letter.attempts,
  first_seen: letter.firstSeen,
  last_seen: letter.lastSeen,
  message: messageValue(letter),
});

export function lettersTable(letters: readonly DeadLetter[], width?: number): string {
  const rows = letters.map((letter) => [
    letter.id.slice(0, SHORT_ID),
    printable(letter.queue),
    printable(letter.batchId ?? ''),
    printable(letter.error.code),
    String(letter.times),
    letter.lastSeen.slice(0, 19).replace('T', ' '),
    shorten(letter.error.message, 160),
  ]);
  return table(['Id', 'Queue', 'Batch', 'Code', 'Times', 'Last seen (UTC)', 'Why'], rows, width);
}

/** One dead letter, whole, and what to do about it. */
export function letterLines(letter: DeadLetter): string[] {
  const value = messageValue(letter);
  const id = letter.id.slice(0, SHORT_ID);
  return [
    `Dead letter  ${letter.id}`,
    `Queue        ${printable(letter.queue)}`,
    `Job          ${printable(letter.jobId ?? '(the message does not say)')}`,
    `Batch        ${printable(letter.batchId ?? '(the message does not say)')}`,
    `Error        ${letter.error.code}: ${printable(letter.error.message)}`,
    `Seen         ${letter.times} times, first ${letter.firstSeen}, last ${letter.lastSeen}`,
    ...(letter.attempts > 0 ? [`Given up     ${letter.attempts} times by the Functions host`] : []),
    `What to do   ${explain(letter.error.code).advice.replaceAll('<id>', id)}`,
    'Message:',
    typeof value === 'string'
      ? value.split('\n').map(printable).join('\n')
      : JSON.stringify(value, undefined, 2),
  ];
}

/** The message as a value where it is JSON, else its text. */
export function messageValue({ message }: DeadLetter): unknown {
  try {
    return decodeQueueMessage(message);
  } catch {
    return message;
  }
}

/** @throws {CliError} where none, or more than one, has an id that begins so */
export async function oneLetter({ deadLetters }: Pick<App, 'deadLetters'>, id: string): Promise<DeadLetter> {
  const found: DeadLetter[] = [];
  for await (const letter of selectLetters(deadLetters, { ids: [id] })) found.push(letter);
  const [letter] = found;
  if (letter && (found.length === 1 || letter.id === id)) return letter;
  throw new CliError(
    found.length === 0
      ? `There is no dead letter "${printable(id)}": "imaginem poison list" shows those there are.`
      : `${found.length} dead letters have an id that begins with "${printable(id)}": give more of it.`,
  );
}
