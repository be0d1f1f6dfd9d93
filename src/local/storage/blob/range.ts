import { type Call, headerOf } from '../http/call.ts';
import { invalidRange } from './errors.ts';

/** First and last byte, both included. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range that a read asks for; `x-ms-range` goes before `Range`. Forms that the service does not know are no range.
 *
 * @throws {StorageError} InvalidRange
 */
export function rangeOf(call: Call, size: number, name = 'x-ms-range'): ByteRange | undefined {
  const text = headerOf(call, name) ?? (name === 'x-ms-range' ? headerOf(call, 'range') : undefined);
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(text?.trim() ?? '') ?? [];
  if (first === undefined) return undefined;
  const start = Number(first);
  const end = last === '' || last === undefined ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || end < start) throw invalidRange(size);
  return { start, end };
}
