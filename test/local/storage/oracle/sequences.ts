import fc from 'fast-check';
import type { ServiceName } from '../wire/account.ts';
import type { Language, Step } from './operation.ts';
import { blobLanguage, blobStep } from './operations/blob.ts';
import { queueLanguage, queueStep } from './operations/queue.ts';
import { tableLanguage, tableStep } from './operations/table.ts';
import type { TableStep } from './operations/table-entity.ts';

/** What one service can be asked at random. */
interface Topic {
  readonly service: ServiceName;
  readonly language: Language<Step>;
  readonly steps: fc.Arbitrary<Step[]>;
}

const LENGTH = { minLength: 1, maxLength: 40, size: 'max' } as const;

/** Mostly the first thing is there from the start: what is missing altogether soon has nothing new to tell. */
function topic<S extends Step>(
  service: ServiceName,
  language: Language<S>,
  step: fc.Arbitrary<S>,
  first: S,
): Topic {
  const random = fc.array(step, LENGTH);
  const steps = fc.oneof(
    { weight: 9, arbitrary: random.map((rest) => [first, ...rest]) },
    { weight: 1, arbitrary: random },
  );
  return { service, language: language as Language<Step>, steps };
}

export const TOPICS: readonly Topic[] = [
  topic('blob', blobLanguage, blobStep, { kind: 'createContainer', container: 0, metadata: 0 }),
  topic('queue', queueLanguage, queueStep, { kind: 'create', queue: 0, metadata: 0 }),
  topic<TableStep>('table', tableLanguage, tableStep as fc.Arbitrary<TableStep>, {
    kind: 'createTable',
    table: 0,
    quiet: true,
    level: 'nometadata',
  }),
];
