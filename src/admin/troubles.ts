import { mayEndOtherwise } from '../domain/again.ts';
import { explain } from '../domain/error-codes.ts';
import type { Registry } from '../pipeline/definition/registry.ts';
import type { Pause } from '../pipeline/delivery/pauses.ts';
import type { DeadLetters } from '../pipeline/journal/dead-letters.ts';
import type { FailureCount } from '../results/counts.ts';
import type { ResultStore } from '../results/store.ts';

/** What went wrong in one way: see the contract of the API. */
interface Trouble {
  kind: 'failed' | 'rejected' | 'dead' | 'waiting' | 'skipped';
  step: string | null;
  title: string | null;
  code: string | null;
  count: number;
  countIsMinimum: boolean;
  meaning: string;
  advice: string | null;
  latest: string | null;
  act: 'rerun' | 'replay' | 'resume' | null;
}

interface QueueLook {
  name: string;
  messages: number;
  oldestReady?: string;
}

interface TroubleDeps {
  deadLetters: DeadLetters;
  registry: Registry;
  results(): Promise<ResultStore>;
}

/** Dead letters that are looked at. */
const LETTERS = 2000;
/** A message that could be taken and is not for so long is not being fetched. */
const STALLED_MS = 60_000;

/** Rejections that a file was the cause of: the same file would be refused again, whatever one does here. */
const OF_THE_FILE = new Set([
  'EmptyImage',
  'NotAnImage',
  'UnsupportedImageFormat',
  'BrokenImage',
  'ImageTooMuchMetadata',
]);

/** Where the code's own advice is for a terminal. */
const INSTEAD = {
  dead: 'As it is it could only be refused again. Whoever sends such messages has to correct them; here they can be dropped.',
  failed: 'Do it again. Where it fails once more, open an image to see what the step said.',
  skipped: 'Look at what the step needs: it goes on by itself once that is done.',
  rejected: 'Open one to see why it was not taken.',
} as const;

/** What a page can say: advice that names a command is for a terminal. */
const forPeople = (advice: string, kind: keyof typeof INSTEAD): string =>
  advice
    .split(/(?<=\.)\s+/)
    .filter((sentence) => !sentence.includes('imaginem ') && !/<\w+>/.test(sentence))
    .join(' ') || INSTEAD[kind];

/** Everything that keeps images from their results, by reason, with what can be done. Bounded, whatever there is. */
export async function findTroubles(
  deps: TroubleDeps,
  { queues, pauses, now }: { queues: readonly QueueLook[]; pauses: ReadonlyMap<string, Pause>; now: number },
): Promise<Trouble[]> {
  const results = await deps.results();
  const titleOf = (step: string | null) => (step === null ? null : (deps.registry.get(step)?.title ?? step));
  const known = (code: string | null) => (code === null ? undefined : explain(code));
  const [failures, rejections, dead] = await Promise.all([
    results.counts.failures(),
    results.rejections(),
    deadGroups(deps.deadLetters),
  ]);
  const none = { countIsMinimum: false, latest: null };
  const waiting = queues.flatMap((queue): Trouble[] => {
    const pause = pauses.get(queue.name);
    const about = { kind: 'waiting' as const, step: queue.name, title: titleOf(queue.name), ...none };
    if (pause) {
      const why = pause.reason === '' ? '' : `: ${pause.reason}`;
      const meaning = `${pause.by} has paused this step${why}. Its messages wait.`;
      return [
        {
          ...about,
          code: 'Paused',
          count: queue.messages,
          meaning,
          advice: null,
          latest: pause.at,
          act: 'resume',
        },
      ];
    }
    const age = queue.oldestReady === undefined ? 0 : now - Date.parse(queue.oldestReady);
    if (age < STALLED_MS) return [];
    return [
      {
        ...about,
        code: 'Stalled',
        count: queue.messages,
        latest: queue.oldestReady ?? null,
        act: null,
        meaning: 'The oldest message could be worked on and is not, for over a minute.',
        advice:
          'Either there is more to do than the machine can, or the app is not running. If it does not get less, start the app again.',
      },
    ];
  });
  return [
    ...waiting,
    ...dead.map(({ queue, code, count, latest, countIsMinimum }): Trouble => {
      const { meaning, advice, kind } = explain(code);
      return {
        kind: 'dead',
        step: queue,
        title: titleOf(queue),
        code,
        count,
        countIsMinimum,
        latest,
        meaning,
        advice: forPeople(advice, 'dead'),
        // A message that broke the contract would break it again; a process may live through what another died of.
        act: kind === 'dead' && code !== 'ProcessDied' ? null : 'replay',
      };
    }),
    ...failures.filter(isItsOwn).map(({ step, state, code = null, images }): Trouble => {
      const told = known(code);
      return {
        ...none,
        kind: state,
        step,
        title: titleOf(step),
        code,
        count: images,
        meaning: told?.meaning ?? 'The step failed, and no reason was recorded.',
        advice: told === undefined ? INSTEAD[state] : forPeople(told.advice, state),
        // What would fail again gets no button: its cause has to be mended first.
        act: state === 'failed' && (code === null || mayEndOtherwise(code)) ? 'rerun' : null,
      };
    }),
    ...rejections.map(({ code, images, latest }): Trouble => {
      const { meaning, advice } = explain(code);
      return {
        ...none,
        kind: 'rejected',
        step: null,
        title: null,
        code,
        count: images,
        latest,
        meaning,
        advice: forPeople(advice, 'rejected'),
        act: OF_THE_FILE.has(code) ? null : 'rerun',
      };
    }),
  ];
}

/** A warning of a rejected file would be the same trouble listed twice. */
function isItsOwn({ state, code }: FailureCount): boolean {
  if (state === 'failed' || code === undefined) return true;
  const { kind } = explain(code);
  return kind !== 'rejected' && kind !== 'ended';
}

async function deadGroups(deadLetters: DeadLetters) {
  const groups = new Map<string, { queue: string; code: string; count: number; latest: string }>();
  let seen = 0;
  for await (const { queue, error, lastSeen } of deadLetters.summaries()) {
    if (seen === LETTERS) break;
    seen += 1;
    const key = `${queue}:${error.code}`;
    const group = groups.get(key) ?? { queue, code: error.code, count: 0, latest: lastSeen };
    group.count += 1;
    if (lastSeen > group.latest) group.latest = lastSeen;
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => ({ ...group, countIsMinimum: seen === LETTERS }));
}
