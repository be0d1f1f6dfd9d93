/** The files of a new step: it, its function, its test and its sample message. Each is made to be changed. */
export function filesOf(name: string): Readonly<Record<string, string>> {
  return {
    [`src/steps/${name}.ts`]: `import { z } from 'zod';
import { defineStep } from '../domain/step.ts';

/** Say here what the step is for. */
export const ${name} = defineStep({
  name: '${name}',
  needs: [],
  schema: z.object({ megapixels: z.number() }),
  summary: 'Says how many million pixels the image has.',
  run: async ({ image }) => ({ megapixels: (image.width * image.height) / 1e6 }),
});
`,
    [`src/functions/${name}.ts`]: `import { registerStep } from '../wiring.ts';

registerStep('${name}');
`,
    [`test/steps/${name}.test.ts`]: `import { expect, test } from 'vitest';
import { ${name} } from '../../src/steps/${name}.ts';
import { runStep } from '../../src/testing/run-step.ts';

test('${name} says how many million pixels the image has', async () => {
  expect(await runStep(${name}, 'samples/sign.jpg')).toEqual({ megapixels: expect.any(Number) });
});
`,
    [`samples/messages/${name}.json`]: `${JSON.stringify(sampleOf(name), undefined, 2)}\n`,
  };
}

/** What `imaginem test` and `imaginem post` fill in and send: the step alone, and the row. */
const sampleOf = (name: string) => ({
  job_definition: {
    id: '<<JOBID>>',
    batch_id: '<<BATCHID>>',
    input: { image_url: '<<URL>>' },
    processing_pipeline: [name, 'pipelineoutput'],
    processing_step: 0,
  },
  job_output: {},
});
