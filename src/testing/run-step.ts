/** What a step is tested with: no cloud, no host, no queue. */

import { readFile } from 'node:fs/promises';
import type { ImageFacts } from '../domain/job.ts';
import { once } from '../domain/once.ts';
import { type Log, silentLog } from '../domain/ports.ts';
import { readSettings, type Settings } from '../domain/settings.ts';
import type { Outputs, Step, StepImage } from '../domain/step.ts';
import { decodeUpright } from '../imaging/decode.ts';
import { inspectImage } from '../imaging/inspect.ts';
import { makeRendition } from '../imaging/rendition.ts';

/** An encoded image: its bytes, or the file it is in. */
export type ImageInput = Uint8Array | string | URL;

export interface RunStepOptions<Output = unknown> {
  /** App settings as the environment would have them; the defaults where absent. */
  settings?: Readonly<Record<string, string>>;
  /** `image_parameters` of the message. */
  parameters?: unknown;
  /** What the step put out in an earlier run of the job. */
  previous?: Output;
  /** `test-job` unless given: two images of one test need two ids. */
  jobId?: string;
  /** `test-batch` unless given. */
  batchId?: string;
  /** 0 unless given. */
  run?: number;
  log?: Log;
  signal?: AbortSignal;
}

/** Outputs of the steps it needs: asked for where there are any. */
type Needed<Needs extends Outputs> = keyof Needs extends never ? { output?: Needs } : { output: Needs };

type Arguments<Needs extends Outputs, Output> = keyof Needs extends never
  ? [options?: RunStepOptions<Output> & Needed<Needs>]
  : [options: RunStepOptions<Output> & Needed<Needs>];

/**
 * Runs a step once over an image, as the pipeline would: the image is admitted (looked at, and made upright in a
 * rendition where the services could not take it as it is), and what the step returns is held to its schema.
 *
 * @returns the checked output
 * @throws what the step throws, {PermanentError} where the pipeline would reject the image, and an Error where an
 *   output it needs is not given
 */
export async function runStep<Output, Needs extends Outputs>(
  step: Step<Output, Needs>,
  image: ImageInput,
  ...[options]: Arguments<Needs, Output>
): Promise<Output> {
  const given = (options ?? {}) as RunStepOptions<Output> & { output?: Needs };
  const output = given.output ?? ({} as Needs);
  for (const need of step.needs) {
    if (output[need] !== undefined) continue;
    throw new Error(
      `Step "${step.name}" needs "${need}": give its output, as in runStep(${step.name}, image, { output: { ${need}: ... } }).`,
    );
  }
  const settings = readSettings(given.settings ?? {});
  const { facts, view } = await admitted(image, settings);
  const job = {
    id: given.jobId ?? 'test-job',
    batchId: given.batchId ?? 'test-batch',
    run: given.run ?? 0,
    pipeline: [...step.needs, step.name, 'pipelineoutput'],
    parameters: given.parameters,
  };
  const result = await step.run({
    job,
    image: { ...view, url: `https://images.test/inputimages/${job.batchId}/${job.id}` },
    output,
    previous: given.previous,
    record: {
      imageUrl: `https://images.test/inputimages/${job.batchId}/${job.id}`,
      admittedAt: new Date().toISOString(),
      image: facts,
      end: undefined,
      steps: Object.fromEntries(step.needs.map((name) => [name, { state: 'done', attempts: 1 }])),
      outputs: async () => ({ ...output }),
    },
    settings,
    log: given.log ?? silentLog,
    signal: given.signal ?? new AbortController().signal,
  });
  return step.schema.parse(result);
}

async function admitted(
  input: ImageInput,
  settings: Settings,
): Promise<{ facts: ImageFacts; view: Omit<StepImage, 'url'> }> {
  const original =
    typeof input === 'string' || input instanceof URL ? await readFile(input) : Buffer.from(input);
  const limits = { maxBytes: settings.MAX_IMAGE_BYTES, maxPixels: settings.MAX_IMAGE_PIXELS };
  const inspection = await inspectImage(original, limits);
  const rendition = inspection.rendition && (await makeRendition(original, inspection));
  const { contentType, width, height } = rendition ?? inspection;
  const bytes = rendition?.bytes ?? original;
  return {
    facts: { contentType, width, height, bytes: original.length },
    view: {
      contentType,
      width,
      height,
      bytes: async () => bytes,
      pixels: once(() => decodeUpright(bytes, rendition ?? inspection)),
    },
  };
}
