import { z } from 'zod';
import { ApiError } from './problem.ts';

/** A place in a list as clients pass it back: opaque to them, so that its form may change. */
export const toCursor = (position: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/** @throws {ApiError} 400 where it is not one of this list's */
export function fromCursor<S extends z.ZodType>(cursor: string, schema: S): z.output<S> {
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (parsed.success) return parsed.data;
  } catch {
    // Said below.
  }
  throw new ApiError(
    400,
    'InvalidCursor',
    '`after` must be the `next` of the page before: start again without it.',
  );
}

/** With `other` where the list has come to other spellings of what was sought. */
export const imagePosition = z.tuple([z.iso.datetime(), z.string(), z.literal('other').optional()]);
/** With how far the list has come in the pairs that were drawn for a calibration, and how many known ones it had. */
export const reviewPosition = z.tuple([
  z.number(),
  z.string(),
  z.string(),
  z.number().nullable().optional(),
  z.int().min(0).max(10_000).optional(),
]);
/** Newest first, of what happens at a time. */
export const timeAndId = z.tuple([z.iso.datetime(), z.string()]);
export const oneName = z.tuple([z.string()]);
export const queueAndId = z.tuple([z.string(), z.string()]);
export const twoNames = z.tuple([z.string(), z.string()]);
/** Faces and id of a group. */
export const groupPosition = z.tuple([z.int(), z.string()]);
export const oneNumber = z.tuple([z.number()]);
