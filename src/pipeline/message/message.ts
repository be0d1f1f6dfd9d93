import { z } from 'zod';
import { consentSchema } from '../../domain/consent.ts';
import { ContractError } from '../../domain/errors.ts';
import { namedFault } from '../../domain/fault-in-words.ts';
import { MAX_BATCH_ID, withoutEndingSpaces } from '../../domain/job-id.ts';
import { isLinkedContent } from '../../domain/linked-content.ts';
import { decodeQueueMessage } from './codec.ts';

/** Longest step name that a message may carry: more than any step has, and short enough to be quoted in an error. */
const MAX_NAME = 200;

/** Far more runs or delays than a job can have, and within what a table takes as an integer. */
const MAX_COUNT = 1_000_000;

/** Outputs by step; one that *claims* to be linked content must be a proper one. */
const outputs = z.record(z.string().max(MAX_NAME), z.unknown()).superRefine((given, check) => {
  for (const [step, output] of Object.entries(given)) {
    if (typeof output !== 'object' || output === null || !('linked_content' in output)) continue;
    if (isLinkedContent(output)) continue;
    check.addIssue({
      code: 'custom',
      path: [step, 'linked_content'],
      message: 'must be a blob name in the container largemessages, not a URL or a path',
    });
  }
});

const nothingAsAbsent = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => value ?? undefined, schema);

/**
 * The 2017 contract (snake_case) with its additions. Unknown fields survive the trip. A missing `processing_pipeline`
 * means today's `PIPELINE_DEFINITION`; a missing `batch_id` means `default`.
 */
export const messageSchema = z.looseObject({
  job_definition: z.looseObject({
    id: z.string().min(1).max(200).regex(/[^ ]$/, 'must not end in a space'),
    batch_id: nothingAsAbsent(
      z.string().max(MAX_BATCH_ID).transform(withoutEndingSpaces).pipe(z.string().min(1)).default('default'),
    ),
    input: z.looseObject({
      /** 1,024 characters of a blob name, the service's limit, are nine times as many once percent-encoded. */
      image_url: z.string().min(1).max(16_384),
      image_parameters: z.unknown().optional(),
      image_classifiers: z.unknown().optional(),
    }),
    /** On what terms it may be processed; what is said of its batch goes before it. */
    consent: nothingAsAbsent(consentSchema.optional()),
    /** Where the first code of 2017 put it. */
    image_parameters: z.unknown().optional(),
    processing_pipeline: nothingAsAbsent(z.array(z.string().max(MAX_NAME)).max(64).optional()),
    processing_step: nothingAsAbsent(z.int().min(0).default(0)),
  }),
  job_output: nothingAsAbsent(outputs.default({})),
  job_errors: nothingAsAbsent(
    z
      .record(
        z.string(),
        z.looseObject({
          code: z.string(),
          message: z.string(),
          attempts: z.number().optional(),
          retryable: z.boolean().optional(),
        }),
      )
      .optional(),
  ),
  /** Generation of the job: one more with each replay or rerun. */
  run: nothingAsAbsent(z.int().min(0).max(MAX_COUNT).default(0)),
  /** One more each time the message is put back. */
  seq: nothingAsAbsent(z.int().min(0).max(MAX_COUNT).default(0)),
  /** In a rerun: the steps to do again; the others keep what an earlier run recorded. Absent: all that are reached. */
  rerun_steps: nothingAsAbsent(z.array(z.string()).max(64).optional()),
  /** W3C trace context of the image's trace; an ill-formed one is as good as none. */
  traceparent: nothingAsAbsent(z.string().max(200).optional().catch(undefined)),
  /** ISO 8601: since when the host of a foreign image has been away, while there is no row that could say so. */
  away_since: nothingAsAbsent(z.iso.datetime().optional().catch(undefined)),
  /** ETag of the journal row when this was sent: spares a process that still has that row a look into the table. */
  row: nothingAsAbsent(z.string().max(200).optional().catch(undefined)),
  /** How often a process died over this message: see `poison.ts`. */
  deaths: nothingAsAbsent(z.int().min(0).default(0)),
});

export type Message = z.infer<typeof messageSchema>;

/**
 * Parses what a queue trigger hands over.
 *
 * @throws {ContractError} naming each field that is wrong; it quotes paths, not values
 */
export function parseMessage(raw: unknown): Message {
  const parsed = messageSchema.safeParse(decodeQueueMessage(raw));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 5).map((issue) => namedFault(issue, 'the message'));
  throw new ContractError(`The message does not follow the contract: ${faults.join('; ')}.`);
}

/** `image_parameters`, read under `input` and, as the first code of 2017 did, under `job_definition`. */
export function imageParameters(message: Message): unknown {
  return message.job_definition.input.image_parameters ?? message.job_definition.image_parameters;
}
