import { ContractError } from '../../domain/errors.ts';
import { QUEUE_MESSAGE_BYTES } from '../../storage/queues.ts';

/** Bytes we let a message have: three quarters of what a queue holds, so that a tool may base64-encode it. */
export const MESSAGE_BYTES = (QUEUE_MESSAGE_BYTES / 4) * 3;

/**
 * JSON that any carrier takes: a queue message travels inside XML, which cannot hold some characters even escaped.
 * `JSON.stringify` already escapes U+0000 to U+001F and lone surrogates; the rest is escaped here.
 */
export function toSafeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\ufffe\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Levels a message may nest. Ours have less than twenty; with some thousands, what walks a value by recursion (the
 * Functions library, `JSON.stringify`) runs out of stack.
 */
const MOST_LEVELS = 200;

/** Whether JSON text nests deeper than a message may: by its brackets, without making the value. */
function nestsTooDeeply(text: string): boolean {
  let levels = 0;
  for (const piece of text.matchAll(/"(?:[^"\\]|\\.)*"|[{[]|[}\]]/gs)) {
    if (piece[0] === '{' || piece[0] === '[') levels += 1;
    else if (piece[0] === '}' || piece[0] === ']') levels -= 1;
    if (levels > MOST_LEVELS) return true;
  }
  return false;
}

/**
 * What a queue trigger hands over, as a value: the library has parsed it already where it is plain JSON; Event Grid
 * and older senders encode it in base64.
 *
 * @throws {ContractError} when it is neither, or nests too deeply
 */
export function decodeQueueMessage(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  const plain = parseOrUndefined(raw);
  // Some senders encode twice: a JSON text that holds the message as a text.
  if (typeof plain === 'string') return decodeQueueMessage(plain);
  if (plain !== undefined) return plain;
  if (isBase64(raw)) {
    const decoded = parseOrUndefined(Buffer.from(raw, 'base64').toString('utf8'));
    if (decoded !== undefined) return decoded;
  }
  throw new ContractError(
    'The queue message is not JSON, plain or base64-encoded. Correct it and post it again.',
    { code: 'NotJson' },
  );
}

/** Whether all is base64, white space between and around it included. One class per expression: nothing to backtrack. */
function isBase64(text: string): boolean {
  const trimmed = text.trim();
  const padding = trimmed.endsWith('==') ? 2 : trimmed.endsWith('=') ? 1 : 0;
  return /^[A-Za-z0-9+/\s]+$/.test(trimmed.slice(0, trimmed.length - padding));
}

/** The text of a message for keeping or re-sending, whatever the library made of it. */
export function rawText(raw: unknown): string {
  return typeof raw === 'string' ? raw : toSafeJson(raw);
}

function parseOrUndefined(text: string): unknown {
  if (nestsTooDeeply(text)) {
    throw new ContractError(
      `The queue message nests more than ${MOST_LEVELS} levels of JSON: no message of this pipeline does.`,
    );
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}
