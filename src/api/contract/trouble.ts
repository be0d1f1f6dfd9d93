import { z } from 'zod';
import { time } from './common.ts';

/** What went wrong in one way: one line of the list of troubles. */
const troubleGroup = z
  .object({
    kind: z
      .enum(['failed', 'rejected', 'dead', 'waiting', 'skipped'])
      .describe(
        'failed, skipped: a step of images; rejected: files that were not taken; dead: messages that were given up; waiting: messages that wait for a pause to end, a service to come back, or an app to run',
      ),
    step: z.string().nullable().describe('The step, or of dead and waiting messages the queue'),
    title: z.string().nullable().describe('What people call the step'),
    code: z.string().nullable(),
    count: z.int().describe('Images, or messages of dead and waiting'),
    countIsMinimum: z.boolean(),
    meaning: z.string().describe('What went wrong, in a sentence'),
    advice: z.string().nullable().describe('What a person can do'),
    latest: time.nullable(),
    act: z
      .enum(['rerun', 'replay', 'resume'])
      .nullable()
      .describe('What one button can do: null where doing it again would only fail again'),
  })
  .meta({ id: 'TroubleGroup' });
export type TroubleGroup = z.infer<typeof troubleGroup>;

export const troubles = z.object({ groups: z.array(troubleGroup) }).meta({ id: 'Troubles' });
export type Troubles = z.infer<typeof troubles>;
