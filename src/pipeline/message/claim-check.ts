import { createHash } from 'node:crypto';
import { ContractError, reason } from '../../domain/errors.ts';
import { isLinkedContent, type LinkedContent } from '../../domain/linked-content.ts';
import type { Blobs } from '../../storage/blobs.ts';
import { containers } from '../../storage/names.ts';
import { QUEUE_MESSAGE_BYTES } from '../../storage/queues.ts';
import { MESSAGE_BYTES, toSafeJson } from './codec.ts';
import type { Message } from './message.ts';

/**
 * Characters of JSON that a journal column may hold. A table property takes 32 Ki characters and a row 1 MiB: half of
 * the former keeps the longest pipeline (`MAX_STEPS`) within the latter.
 */
const INLINE_CHARACTERS = 16_000;

/** What stands in the place of content that was stored apart and is no longer there. */
export const contentMissing = reason(
  'LinkedContentMissing',
  'What was stored apart in the container largemessages is no longer there.',
);

/** Keeps values that are too large to travel in container `largemessages`, under the job's own prefix. */
export class ClaimCheck {
  readonly #blobs: Blobs;

  constructor(blobs: Blobs) {
    this.#blobs = blobs;
  }

  /** The name holds the content's hash: writing twice is writing once, and another content never overwrites. */
  async store(jobKey: string, slot: string, value: unknown): Promise<LinkedContent> {
    const bytes = Buffer.from(toSafeJson(value));
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 20);
    const name = `${jobKey}/${slot.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 80)}.${digest}.json`;
    await this.#blobs.write(containers.largeMessages, name, bytes, 'application/json');
    return { linked_content: name };
  }

  /** The value itself where it is small enough for a journal column, else where it is kept. */
  async inlineOrStore(jobKey: string, slot: string, value: unknown): Promise<unknown | LinkedContent> {
    return toSafeJson(value).length <= INLINE_CHARACTERS ? value : this.store(jobKey, slot, value);
  }

  /** The value, fetched where it was kept. @throws {ContractError} when there is no such blob */
  async resolve(value: unknown): Promise<unknown> {
    if (!isLinkedContent(value)) return value;
    const blob = await this.#blobs.read(containers.largeMessages, value.linked_content);
    if (blob === undefined || typeof blob === 'string') {
      throw new ContractError(
        'linked_content names a blob that is not in the container largemessages. Post the output itself, or restore the blob.',
        { code: 'LinkedContentMissing' },
      );
    }
    try {
      return JSON.parse(blob.bytes.toString('utf8'));
    } catch (cause) {
      throw new ContractError('linked_content names a blob that is not JSON.', {
        code: 'LinkedContentMissing',
        cause,
      });
    }
  }

  /** As `resolve`, with something to stand in its place where it is no longer there. */
  async resolveOr(value: unknown, missing: unknown): Promise<unknown> {
    try {
      return await this.resolve(value);
    } catch (error) {
      if (error instanceof ContractError) return missing;
      throw error;
    }
  }

  /**
   * The text of a message that fits a queue: while it is too large, its biggest part is stored and linked. Outputs go
   * first, then anything else that is not structure.
   */
  async encode(jobKey: string, message: Message): Promise<string> {
    const sent = structuredClone(message) as Message & Record<string, unknown>;
    let text = toSafeJson(sent);
    while (Buffer.byteLength(text) > MESSAGE_BYTES) {
      const biggest = largestSlot(sent);
      if (!biggest) break;
      biggest.holder[biggest.key] = await this.store(jobKey, biggest.key, biggest.holder[biggest.key]);
      text = toSafeJson(sent);
    }
    if (Buffer.byteLength(text) > QUEUE_MESSAGE_BYTES) {
      throw new ContractError(
        'The message has more parts than a queue message can hold even when each is stored apart.',
        {
          code: 'MessageTooLarge',
        },
      );
    }
    return text;
  }
}

const STRUCTURE = new Set(['id', 'batch_id', 'image_url', 'input', 'processing_pipeline', 'processing_step']);

interface Slot {
  holder: Record<string, unknown>;
  key: string;
  size: number;
}

function largestSlot(message: Message & Record<string, unknown>): Slot | undefined {
  const outputs = slotsOf(message.job_output, new Set());
  if (outputs.length > 0) return outputs[0];
  const others = [
    ...slotsOf(message.job_definition, STRUCTURE),
    ...slotsOf(message.job_definition.input, STRUCTURE),
    ...slotsOf(
      message,
      new Set(['job_definition', 'job_output', 'job_errors', 'run', 'seq', 'rerun_steps', 'deaths']),
    ),
  ];
  return others.sort((a, b) => b.size - a.size)[0];
}

/** Parts worth storing apart: those larger than the link that would replace them. */
function slotsOf(holder: Record<string, unknown>, keep: ReadonlySet<string>): Slot[] {
  return Object.entries(holder)
    .filter(([key, value]) => !keep.has(key) && value !== undefined && !isLinkedContent(value))
    .map(([key, value]) => ({ holder, key, size: toSafeJson(value).length }))
    .filter((slot) => slot.size > 200)
    .sort((a, b) => b.size - a.size);
}
