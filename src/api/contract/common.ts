import { z } from 'zod';

/** ISO 8601, UTC, with milliseconds. */
export const time = z.iso.datetime().describe('ISO 8601, UTC');

export const rectangle = z
  .object({ left: z.number(), top: z.number(), width: z.number(), height: z.number() })
  .describe('Pixels of the upright working image');

/** Code is stable and PascalCase, message is a sentence for people; neither holds personal data. */
export const reason = z.object({ code: z.string(), message: z.string() });

/** Of what is made: the same request sent again, its answer having been lost, makes nothing new. */
export const chosenId = z
  .uuid()
  .lowercase()
  .describe('Its id, a UUID that you choose: sent again with the same one, nothing is made twice');

export const cursor = z.string().min(1).max(2000).describe('`next` of the page before; opaque');

/** @param most largest page a caller may ask for */
export const limit = (most: number, fallback: number) =>
  z.coerce.number().int().min(1).max(most).default(fallback).describe(`1 to ${most}`);

/** `null` on the last page. */
export const next = z
  .string()
  .nullable()
  .describe('Pass it as `after` to get the next page; null on the last');

/** One value or several: `?tag=a&tag=b`. */
export const several = (item: z.ZodString, most: number) =>
  z
    .union([item, z.array(item).max(most)])
    .transform((given) => (Array.isArray(given) ? given : [given]))
    .optional();

/** Problem details (RFC 9457), with `application/problem+json`. */
export const problem = z
  .object({
    type: z.string().describe('about:blank: `code` says which problem it is'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What was wrong and what to do, for people'),
    code: z.string().describe('Stable, PascalCase: what programs decide by'),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('Each input that is wrong'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;

export type Rectangle = z.infer<typeof rectangle>;

/**
 * How far a person's rights go; each includes those before it. A caseworker decides who is who, a reviewer looks a second
 * time, an operator runs the pipeline.
 */
export const role = z.enum(['viewer', 'caseworker', 'reviewer', 'operator', 'administrator']);
export type Role = z.infer<typeof role>;

export const me = z
  .object({
    name: z.string().describe('How decisions are signed: the name the platform signed the person in by'),
    role,
    local: z.boolean().describe('Whether this is one machine, where whoever sits at it is administrator'),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof me>;

/** A share with the interval in which it lies in 95 of 100 such samples. */
export const interval = z
  .object({ share: z.number(), low: z.number(), high: z.number() })
  .meta({ id: 'Interval' });
export type Interval = z.infer<typeof interval>;
