/**
 * `npm run simulate -- [--images 10000] [--over 86400] [--faces 1] [--machine | --vision 10 --face 10 --saves 29 ...]`: what
 * so many images take, by measured service times and published limits, without an account. Prices are given as
 * `--price name=amount` for a thousand of what the last table counts; none is assumed.
 */
import { parseArgs } from 'node:util';
import { figure, render } from '../report.ts';
import { demandOf } from './demand.ts';
import { simulate } from './flow.ts';
import { cloud, MEASURED, machine } from './places.ts';

const STEPS = 50_000;

const number = (default_: number) => ({ type: 'string' as const, default: String(default_) });
const { values } = parseArgs({
  options: {
    images: number(10_000),
    over: number(0),
    faces: number(1),
    machine: { type: 'boolean', default: false },
    processors: number(MEASURED.processors),
    workers: number(MEASURED.engineWorkers),
    vision: number(10),
    face: number(10),
    saves: number(29),
    batches: number(1),
    instances: number(40),
    'instance-every': number(10),
    'execution-seconds': number(0.5),
    price: { type: 'string', multiple: true, default: [] as string[] },
  },
});
const [images, over, faces] = [values.images, values.over, values.faces].map(Number) as [
  number,
  number,
  number,
];
const demand = demandOf(faces);
const window = Math.max(1, over);
const executionSeconds = Number(values['execution-seconds']);
const resources = values.machine
  ? machine({ ...MEASURED, processors: Number(values.processors), engineWorkers: Number(values.workers) })
  : cloud(
      {
        visionPerSecond: Number(values.vision),
        facePerSecond: Number(values.face),
        savesPerSecond: Number(values.saves),
        batches: Number(values.batches),
        lanes: 12,
        executionSeconds,
      },
      demand,
    );
const most = Math.min(
  ...resources.map(({ perImage, perSecond, perInstance }) =>
    perImage === 0
      ? Number.POSITIVE_INFINITY
      : (perSecond * (perInstance ? Number(values.instances) : 1)) / perImage,
  ),
);
const outcome = simulate({
  resources,
  // So that a hundred million are played in seconds, too.
  step: Math.max(1, Math.ceil((images / most + window) / STEPS)),
  arrivals: (time) => (time < window ? images / window : 0),
  alone: values.machine
    ? MEASURED.engineSeconds + MEASURED.hostSeconds + MEASURED.storageSeconds
    : demand.executions * executionSeconds,
  instances: {
    most: Number(values.instances),
    everySeconds: Number(values['instance-every']),
    leaveAfter: 300,
  },
  until: window,
});

const prices = new Map(
  values.price.map((text) => {
    const [name = '', amount = ''] = text.split('=');
    return [name, Number(amount)];
  }),
);
const counted: [string, number][] = [
  ['vision', demand.visionCalls * images],
  ['face', demand.faceCalls * images],
  ['queue', demand.queueOperations * images],
  ['table', demand.tableOperations * images],
  ['blob', demand.blobOperations * images],
  ['executions', demand.executions * images],
  ['instance-seconds', outcome.instanceSeconds],
];
const money = counted.reduce((sum, [name, amount]) => sum + ((prices.get(name) ?? 0) * amount) / 1000, 0);
const duration = (seconds: number) =>
  seconds < 600
    ? `${figure(seconds)} s`
    : seconds < 48 * 3600
      ? `${figure(seconds / 3600)} h`
      : `${figure(seconds / 86_400)} days`;

process.stdout.write(
  render({
    part: `${images.toLocaleString('en')} images with ${faces} faces each, ${over === 0 ? 'at once' : `over ${duration(over)}`}`,
    aims: [],
    tables: [
      {
        title: 'what comes of it',
        columns: ['', ''],
        rows: [
          ['images a minute', figure(outcome.throughput * 60)],
          ['from the first to the last', duration(outcome.seconds)],
          ['wait of an image, median', duration(outcome.wait.median)],
          ['... 95 of 100, the longest', `${duration(outcome.wait.p95)}, ${duration(outcome.wait.longest)}`],
          ['instances at most', values.machine ? '-' : String(outcome.mostInstances)],
          [
            'held back by',
            outcome.heldBackBy
              ? `${outcome.heldBackBy.name} (${figure(outcome.heldBackBy.share * 100)} % of the time)`
              : 'nothing',
          ],
        ],
      },
      {
        title: 'used, of what there is while there is work',
        columns: ['', '%'],
        rows: Object.entries(outcome.used).map(([name, share]) => [name, figure(share * 100)]),
      },
      ...(values.machine
        ? []
        : [
            {
              title: 'to be paid for',
              columns: ['', 'thousands', 'money'],
              rows: [
                ...counted.map(([name, amount]) => [
                  name,
                  (amount / 1000).toLocaleString('en', { maximumFractionDigits: 0 }),
                  prices.has(name) ? figure(((prices.get(name) ?? 0) * amount) / 1000) : '(no price given)',
                ]),
                ['all of these', '', prices.size > 0 ? figure(money) : '(no price given)'],
              ],
            },
          ]),
    ],
    notes: [
      'A stream without retries; service times are of the machine they were measured on: see docs/scale.md.',
    ],
  }),
);
