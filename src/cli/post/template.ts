import { readFile } from 'node:fs/promises';
import { namedFault } from '../../domain/fault-in-words.ts';
import { withOutput } from '../../domain/step-name.ts';
import type { Registry } from '../../pipeline/definition/registry.ts';
import { type Message, messageSchema } from '../../pipeline/message/message.ts';
import { CliError, EXIT } from '../errors.ts';
import { printable } from '../format/printable.ts';

/** What stands in a message file for what is known only when it is posted: the marks of 2017. */
interface Marks {
  batchId: string;
  jobId: string;
  url?: string;
}

const URL_MARK = '<<URL>>';

/** A message file, read and not yet filled in. */
export interface Template {
  /** Whether it is posted once per image. */
  perImage: boolean;
  /** @throws {CliError} when what comes out does not follow the contract */
  fill(marks: Marks): Message;
}

/** @throws {CliError} when the file cannot be read or is not JSON */
export async function readTemplate(file: string): Promise<Template> {
  const name = printable(file);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CliError(`${name} cannot be read: is there such a file?`, EXIT.usage, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? printable(cause.message) : '';
    throw new CliError(`${name} is not JSON: ${reason}`, EXIT.usage, { cause });
  }
  return templateOf(value, name);
}

/** @param name for sentences */
export function templateOf(value: unknown, name: string): Template {
  return {
    perImage: JSON.stringify(value).includes(URL_MARK),
    fill(marks) {
      const parsed = messageSchema.safeParse(filled(value, marks));
      if (parsed.success) return parsed.data;
      const faults = parsed.error.issues
        .slice(0, 5)
        .map((issue) => `\n- ${namedFault(issue, 'the message')}`);
      throw new CliError(`${name} does not follow the message contract:${faults.join('')}`, EXIT.usage);
    },
  };
}

/** Filled in as a value, not as text: whatever a name holds, the message stays what it is. */
function filled(value: unknown, marks: Marks): unknown {
  if (typeof value === 'string') {
    return value
      .replaceAll('<<BATCHID>>', () => marks.batchId)
      .replaceAll('<<JOBID>>', () => marks.jobId)
      .replaceAll(URL_MARK, () => marks.url ?? URL_MARK);
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, marks));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, marks)]));
}

/**
 * The queue a message belongs in, once nothing is wrong with its pipeline.
 *
 * @throws {CliError} with every fault
 */
export function queueOf(message: Message, registry: Registry, definition: readonly string[]): string {
  const { processing_pipeline: asked, processing_step: position } = message.job_definition;
  const pipeline = asked ? withOutput(asked) : [...definition];
  const faults = registry.faults(pipeline, new Set(Object.keys(message.job_output)));
  const queue = pipeline[position];
  if (faults.length > 0) throw new CliError(`processing_pipeline: ${faults.join(' Also, ')}`, EXIT.usage);
  if (queue === undefined) {
    throw new CliError(
      `processing_step is ${position}, but the pipeline has ${pipeline.length} steps: count from 0.`,
      EXIT.usage,
    );
  }
  return queue;
}
