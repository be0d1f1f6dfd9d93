import { at } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { shown } from './support.ts';

const span = (value: unknown): number => {
  const parts = /^(?:(\d+)\.)?(\d{1,2}):(\d\d):(\d\d)(?:\.\d+)?$/.exec(String(value));
  if (parts === null) return Number.NaN;
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = parts;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
};

const isWhole = (value: unknown, low: number, high: number) =>
  Number.isInteger(value) && Number(value) >= low && Number(value) <= high;

const parts = [
  'version',
  'extensionBundle',
  'functionTimeout',
  'logging',
  'telemetryMode',
  'extensions',
  'concurrency',
  'healthMonitor',
  'watchDirectories',
];
const queueParts = [
  'messageEncoding',
  'batchSize',
  'newBatchThreshold',
  'maxDequeueCount',
  'visibilityTimeout',
  'maxPollingInterval',
];
const queues = 'extensions.queues';

type Demand = readonly [path: string, holds: (value: unknown) => boolean, remedy: string];

/** Limits: the storage queue extension 5.x and host v4. */
const demands: readonly Demand[] = [
  ['version', (value) => value === '2.0', 'Write "2.0".'],
  [
    'extensionBundle.id',
    (value) => value === 'Microsoft.Azure.Functions.ExtensionBundle',
    'Write "Microsoft.Azure.Functions.ExtensionBundle": without it there are no queue triggers.',
  ],
  [
    'extensionBundle.version',
    (value) => /^\[4(\.\*|\.\d+\.\d+), 5\.0\.0\)$/.test(String(value)),
    'Write "[4.*, 5.0.0)": bundle 4 is the supported one.',
  ],
  [
    `${queues}.messageEncoding`,
    (value) => value === 'none',
    'Write "none": messages are plain JSON, and base64 would send plain ones straight to poison.',
  ],
  [`${queues}.batchSize`, (value) => isWhole(value, 1, 32), 'Write a whole number from 1 to 32.'],
  [`${queues}.newBatchThreshold`, (value) => isWhole(value, 0, 1000), 'Write a whole number from 0.'],
  [
    `${queues}.maxDequeueCount`,
    (value) => isWhole(value, 2, 100),
    'Write a whole number from 2: one crash of a neighbour must not poison a message.',
  ],
  [
    `${queues}.visibilityTimeout`,
    (value) => span(value) >= 1 && span(value) <= 7 * 86_400,
    'Write hh:mm:ss, above 0: at 0 a failing message comes back at once, five times.',
  ],
  [
    `${queues}.maxPollingInterval`,
    (value) => span(value) >= 1 && span(value) <= 60,
    'Write hh:mm:ss, from one second to one minute.',
  ],
  [
    'functionTimeout',
    (value) => span(value) > 0 && span(value) <= 1800,
    'Write hh:mm:ss, up to half an hour: no step may hang for longer.',
  ],
  [
    'concurrency.dynamicConcurrencyEnabled',
    (value) => value === undefined || value === false,
    'Leave it out: it overrides batchSize, and the ceiling is the calls per second of the vision services.',
  ],
  [
    'logging.applicationInsights.samplingSettings.isEnabled',
    (value) => value === true,
    'Write true: without sampling, logs cost more than the work.',
  ],
  [
    'telemetryMode',
    (value) => value === undefined || value === 'OpenTelemetry',
    'Write "OpenTelemetry", or leave it out.',
  ],
];

export const hostJson: Rule = {
  id: 'host-json',
  why: 'The host ignores what it does not know in host.json and falls back to defaults that lose or hammer messages.',
  *check({ host }) {
    for (const [path, holds, remedy] of demands) {
      const value = at(host, path);
      if (!holds(value)) yield { path: `host.json ${path}`, problem: `is ${shown(value)}`, remedy };
    }
    const unknown = (value: unknown, known: readonly string[], prefix: string) =>
      Object.keys((value ?? {}) as object)
        .filter((name) => !known.includes(name))
        .map((name) => ({
          path: `host.json ${prefix}${name}`,
          problem: 'is not a part of host.json known to this check',
          remedy: `Use one of ${known.join(', ')}.`,
        }));
    yield* unknown(host, parts, '');
    yield* unknown(at(host, queues), queueParts, `${queues}.`);
  },
};
