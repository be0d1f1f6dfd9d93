import { z } from 'zod';
import { time } from './common.ts';

const counted = z.object({
  decided: z.int().describe('Pairs that people decided so'),
  active: z.int().describe('Of those, offered by the model in use'),
  next: z.int().describe('Of those, offered by the next model'),
});

/** Which models of recognition there are, and how far a switch between two is. */
export const models = z
  .object({
    active: z.string().describe('The model whose pairs count'),
    next: z.string().nullable().describe('The model that the archive is being enrolled anew with'),
    former: z.string().nullable().describe('A model whose faceprints are being removed'),
    phase: z.enum(['steady', 'enrolling', 'exchanging', 'retiring']),
    paused: z.boolean(),
    startedAt: time.nullable(),
    startedBy: z.string().nullable(),
    images: z.int().describe('Photographs there were to enrol when the switch began'),
    left: z.int().describe('Photographs that are still to be enrolled, those that came meanwhile included'),
    problems: z
      .array(z.object({ code: z.string(), images: z.int() }))
      .describe(
        'Photographs that cannot be enrolled anew, and why: after the switch their faces are not found',
      ),
    offered: z.array(z.object({ id: z.string(), title: z.string() })).describe('Models that answer here'),
    comparison: z
      .object({
        same: counted,
        different: counted,
        offered: z.object({ active: z.int(), next: z.int() }).describe('Pairs that each offers in all'),
      })
      .nullable()
      .describe(
        'While two are enrolled: what each offers at the threshold. Scores of two models are never compared',
      ),
  })
  .meta({ id: 'Models' });
export type Models = z.infer<typeof models>;

export const startBody = z.strictObject({ model: z.string().min(1).max(128) });
export const actBody = z.strictObject({ act: z.enum(['pause', 'resume', 'finish', 'abandon']) });
