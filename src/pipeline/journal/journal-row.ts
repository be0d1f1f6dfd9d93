import type { Consent } from '../../domain/consent.ts';
import type { ImageFacts, Job, JobEnd, StepRecord } from '../../domain/job.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import type { Columns } from '../../storage/tables.ts';
import { toSafeJson } from '../message/codec.ts';

/**
 * The journal row. Columns of the job have a capital letter in their name and columns of a step have none
 * (`ocr`, `ocr_at`, `ocr_output` ...), so that no step's name can ever clash. `<step>`, `<step>_output` and
 * `<step>_exception` are those of 2017.
 */
const json = (value: unknown): string | null => (value === undefined ? null : toSafeJson(value));

export function jobColumns(job: Job): Columns {
  const columns: Columns = {
    jobId: job.id,
    batchId: job.batchId,
    imageUrl: job.imageUrl,
    imageContainer: job.source.container,
    imageName: job.source.name,
    imageEtag: job.source.etag,
    imageFacts: json(job.image),
    imageParameters: json(job.parameters),
    jobConsent: json(job.consent),
    jobPipeline: job.pipeline.join(','),
    jobRun: job.run,
    jobSeq: job.seq,
    jobEnd: json(job.end),
    jobSent: job.sent,
    admittedAt: job.admittedAt,
  };
  for (const [step, record] of Object.entries(job.steps)) Object.assign(columns, stepColumns(step, record));
  return columns;
}

/**
 * All of a step's columns, so that a newer record leaves nothing of an older one behind. A merge cannot remove a
 * property: an empty string stands for "none", and is written only where there is an older record to be emptied.
 *
 * @param before what the row has of this step
 */
export function stepColumns(step: string, record: StepRecord, before?: StepRecord): Columns {
  const settled = record.state === 'done' || record.state === 'unavailable';
  const none = before === undefined ? undefined : '';
  return {
    [step]: record.state,
    [`${step}_at`]: record.at,
    [`${step}_run`]: record.run,
    [`${step}_seq`]: record.seq,
    [`${step}_attempts`]: record.attempts,
    [`${step}_ms`]: record.ms ?? none,
    [`${step}_exception`]: json(record.error) ?? none,
    [`${step}_retryable`]: record.retryable ?? none,
    [`${step}_next`]: record.nextAt ?? none,
    [`${step}_since`]: record.since ?? none,
    // The last output stays in place while a newer run waits or fails: the state says whether it counts.
    ...((settled || record.output !== undefined) && { [`${step}_output`]: json(record.output) ?? none }),
  };
}

export function fromColumns(columns: Record<string, unknown>): Job {
  const text = (name: string): string => String(columns[name] ?? '');
  const parsed = <T>(name: string): T | undefined => {
    const value = columns[name];
    return typeof value === 'string' && value !== '' ? (JSON.parse(value) as T) : undefined;
  };
  const optional = <K extends string, V>(key: K, value: V | undefined) =>
    (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
  // Of a property that a merge could not remove nothing is left but an empty string.
  const orNone = <T>(value: unknown) => (value === '' ? undefined : (value as T | undefined));

  const steps: Record<string, StepRecord> = {};
  for (const [name, value] of Object.entries(columns)) {
    if (!/^[a-z][a-z0-9]*$/.test(name) || typeof value !== 'string') continue;
    steps[name] = {
      state: value as StepRecord['state'],
      run: Number(columns[`${name}_run`] ?? 0),
      seq: Number(columns[`${name}_seq`] ?? 0),
      at: text(`${name}_at`),
      attempts: Number(columns[`${name}_attempts`] ?? 0),
      ...optional('ms', orNone<number>(columns[`${name}_ms`])),
      ...optional('error', parsed<NonNullable<StepRecord['error']>>(`${name}_exception`)),
      ...optional('retryable', orNone<boolean>(columns[`${name}_retryable`])),
      ...optional('nextAt', orNone<string>(text(`${name}_next`))),
      ...optional('since', orNone<string>(text(`${name}_since`))),
      ...optional(value === 'done' || value === 'unavailable' ? 'output' : 'kept', parsed(`${name}_output`)),
    } as StepRecord;
  }
  return {
    id: text('jobId'),
    batchId: text('batchId'),
    imageUrl: text('imageUrl'),
    source: { container: text('imageContainer'), name: text('imageName'), etag: text('imageEtag') },
    ...optional('image', parsed<ImageFacts>('imageFacts')),
    ...optional('parameters', parsed('imageParameters')),
    ...optional('consent', parsed<Consent>('jobConsent')),
    pipeline: text('jobPipeline').split(','),
    run: Number(columns.jobRun ?? 0),
    seq: Number(columns.jobSeq ?? 0),
    ...optional('end', parsed<JobEnd>('jobEnd')),
    sent: columns.jobSent === true,
    admittedAt: text('admittedAt'),
    ...optional('erasedAt', orNone<string>(text('erasedAt'))),
    steps,
  };
}

export const outputColumn = (step: string): string => `${step}_output`;

/** What these steps put out last, as a row has it; a step without an output is left out. */
export function outputsIn(
  columns: Readonly<Record<string, unknown>>,
  steps: readonly string[],
): Record<string, unknown> {
  const outputs: Record<string, unknown> = {};
  for (const step of steps) {
    const text = columns[outputColumn(step)];
    if (typeof text === 'string' && text !== '') outputs[step] = JSON.parse(text);
  }
  return outputs;
}

/** What a job is about. */
export type JobSource = Pick<Job, 'id' | 'batchId' | 'imageUrl' | 'source' | 'admittedAt' | 'consent'>;

export const SOURCE_COLUMNS =
  'jobId batchId imageUrl imageContainer imageName imageEtag admittedAt jobConsent'.split(' ');

/** How a job stands: all of its columns but what its steps put out, and what it is about. */
export const standingColumns = (steps: readonly string[]): string[] => [
  ...'jobId batchId jobPipeline jobRun jobSeq jobEnd jobSent admittedAt erasedAt'.split(' '),
  ...steps.flatMap((step) => [step, ...['at', 'run', 'exception', 'next'].map((one) => `${step}_${one}`)]),
  outputColumn(OUTPUT_STEP),
];

/** @param columns those of `SOURCE_COLUMNS` at least */
export function sourceIn(columns: Record<string, unknown>): JobSource {
  const { id, batchId, imageUrl, source, admittedAt, consent } = fromColumns(columns);
  return { id, batchId, imageUrl, source, admittedAt, ...(consent && { consent }) };
}

/** What changes in a row: the rest stays. */
export interface JobChange {
  run?: number;
  seq?: number;
  end?: JobEnd;
  sent?: boolean;
  pipeline?: string[];
  consent?: Consent;
  steps?: Record<string, StepRecord>;
}
