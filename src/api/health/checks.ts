import type { App } from '../../app.ts';
import { sentenceOf } from '../../domain/service-breaker.ts';
import { clockDoubt, doubtInWords } from '../../erasure/clock-doubt.ts';
import type { StartUp } from '../../start-up.ts';
import { allQueues, containers, EVENTS_QUEUE, tables } from '../../storage/names.ts';
import { WriteProbe } from '../write-probe.ts';
import { type Check, type Problem, problemOf } from './check.ts';

/** A message that nobody has taken for so long, though it was there to take, in milliseconds. */
const STUCK_MS = 15 * 60_000;

type Part = Pick<
  App,
  | 'settings'
  | 'pipeline'
  | 'registry'
  | 'storage'
  | 'journal'
  | 'results'
  | 'clock'
  | 'preparation'
  | 'troubles'
>;

interface Checked extends Omit<StartUp, 'app'> {
  readonly app: Part | undefined;
  /** Functions that are not registered, each in a sentence. */
  readonly leftOut?: readonly string[];
}

/** What can be wrong with a running app; of one that could not be put together, why. */
export function checksOf({ app, refusal, leftOut = [] }: Checked, send: typeof fetch = fetch): Check[] {
  const refused: Problem[] = [
    ...(refusal === undefined ? [] : [{ problem: refusal, remedy: CORRECT }]),
    ...leftOut.map((problem) => ({ problem, remedy: 'Correct the package, and deploy it again.' })),
  ];
  if (app === undefined) return [{ name: 'settings', run: async () => ({ problems: refused }) }];
  return [
    settings(app, refused),
    startUp(app),
    storage(app),
    database(app),
    reachable(app, 'Computer Vision', app.settings.COMPUTER_VISION_ENDPOINT, send),
    reachable(app, 'Face', app.settings.FACE_ENDPOINT, send),
    queues(app),
    retention(app),
    deadLetters(app),
  ];
}

const CORRECT =
  'Correct it; the app then starts anew by itself. No image is worked on until then: messages wait in their queues.';

function settings({ settings, pipeline }: Part, refused: readonly Problem[]): Check {
  const missing = (name: string): Problem => ({
    problem: `App setting ${name} is not set, and PIPELINE_DEFINITION has steps that need it.`,
    remedy: `Set ${name} to the root address of the service, or leave those steps out.`,
  });
  return {
    name: 'settings',
    async run() {
      const has = (...steps: string[]) => steps.some((step) => pipeline.includes(step));
      const problems: Problem[] = [...refused];
      if (has('generalclassification', 'ocr') && settings.COMPUTER_VISION_ENDPOINT === undefined)
        problems.push(missing('COMPUTER_VISION_ENDPOINT'));
      if (has('facedetection', 'faceprint', 'facematch') && settings.FACE_ENDPOINT === undefined)
        problems.push(missing('FACE_ENDPOINT'));
      return { problems, figures: { pipeline, faceLimitedAccess: settings.FACE_LIMITED_ACCESS } };
    },
  };
}

const startUp = ({ preparation }: Part): Check => ({
  name: 'start-up',
  async run() {
    const { trouble } = preparation;
    if (trouble === undefined) return {};
    const { problem, remedy } = problemOf(trouble.error);
    const since = new Date(trouble.since).toISOString();
    return {
      problems: [{ problem: `Containers, tables and queues could not be made yet: ${problem}`, remedy }],
      figures: { since, rounds: trouble.rounds },
    };
  },
});

const storage = ({ storage, journal, clock }: Part): Check => ({
  name: 'storage',
  async run() {
    await Promise.all([
      storage.blobs.head(containers.input, 'health'),
      journal.read('health', 'health'),
      storage.queues.look(EVENTS_QUEUE),
    ]);
    await new WriteProbe({ storage, clock }).write();
    const all = Object.values(containers);
    const there = await Promise.all(all.map((name) => storage.blobs.hasContainer(name)));
    const missing = all.filter((_, index) => !there[index]);
    return { problems: missing.map(containerMissing) };
  },
});

const AGAIN = 'It is made again by the next step that writes into it';

/** What is lost with a container. Of any other: what it held is made again from the images. */
const LOST: Readonly<Record<string, string>> = {
  [containers.input]:
    'It held the images: those under way end as gone. Restore it, or upload them again; it is made again with the next upload.',
  [containers.largeMessages]: `${AGAIN}. It held outputs and dead letters that were too large for a message: run the steps again whose images say LinkedContentMissing, and submit again what a dead letter lost.`,
};

const containerMissing = (name: string): Problem => ({
  problem: `The container ${name} is missing.`,
  remedy: LOST[name] ?? `${AGAIN}, and what it held is made again from the images where it is asked for.`,
});

const database = ({ results }: Part): Check => ({
  name: 'database',
  async run() {
    await (await results()).get('health');
    return {};
  },
});

/** What processes have met that work on images: an address that answers can still fail at every call. */
async function failingNow(troubles: Part['troubles'], service: string): Promise<Problem[]> {
  // Where storage is away its own check says so.
  const all = await troubles.list().catch(() => []);
  return all
    .filter((failure) => failure.service === service)
    .map((failure) => ({
      problem: `${sentenceOf(failure)} Since ${new Date(failure.since).toISOString()}.`,
      remedy: 'Nothing to do where it is short. If it lasts, see what the service says of itself.',
    }));
}

/** Any answer will do: to ask for more would cost a call of the account. */
const reachable = (
  { troubles }: Part,
  service: string,
  endpoint: string | undefined,
  send: typeof fetch,
): Check => ({
  name: service,
  async run(signal) {
    if (endpoint === undefined) return { figures: { used: false } };
    const failed = await send(endpoint, { redirect: 'manual', signal }).then(
      async (response) => void (await response.body?.cancel()),
      (error: Error) => error,
    );
    if (!failed) return { problems: await failingNow(troubles, service) };
    const { code } = (failed.cause ?? {}) as { code?: string };
    const problem = `${service} cannot be reached${code ? ` (${code})` : ''}.`;
    return {
      problems: [{ problem, remedy: 'See whether its endpoint is right and its firewall lets the app in.' }],
    };
  },
});

/** Only visible messages count: those put back wait as they should. */
const queues = ({ storage, registry, clock }: Part): Check => ({
  name: 'queues',
  async run() {
    const names = allQueues(registry.names);
    const problems: Problem[] = [];
    const figures: Record<string, { messages: number; oldestSeconds?: number }> = {};
    await Promise.all(
      names.map(async (name) => {
        const depth = await storage.queues.look(name);
        if (depth === undefined || depth.messages === 0) return;
        const { oldestReady } = depth;
        const oldestMs = oldestReady && Math.max(0, clock() - oldestReady.getTime());
        figures[name] = {
          messages: depth.messages,
          ...(oldestMs !== undefined && { oldestSeconds: Math.round(oldestMs / 1000) }),
        };
        if (oldestMs === undefined || oldestMs < STUCK_MS) return;
        problems.push({
          problem: `Queue ${name}: a message has not been taken for ${Math.round(oldestMs / 60_000)} minutes.`,
          remedy: 'See whether its function is enabled, in error, or out of instances.',
        });
      }),
    );
    return { problems, figures };
  },
});

const retention = ({ storage }: Part): Check => ({
  name: 'retention',
  severity: 'warning',
  async run() {
    // Where storage is away its own check says so.
    const doubt = await clockDoubt(storage).catch(() => undefined);
    return { problems: doubt === undefined ? [] : [doubtInWords(doubt)] };
  },
});

const deadLetters = ({ storage }: Part): Check => ({
  name: 'dead letters',
  severity: 'warning',
  async run() {
    let count = 0;
    for await (const _ of storage.tables.table(tables.deadLetters).list({ select: ['queue'] })) count += 1;
    const problem = `${count} message(s) could not be worked on.`;
    const remedy = 'Look at them, then replay or drop them.';
    return { problems: count === 0 ? [] : [{ problem, remedy }], figures: { count } };
  },
});
