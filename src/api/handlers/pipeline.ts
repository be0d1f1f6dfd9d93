import { recognitionOf } from '../../domain/recognition.ts';
import { countSecondLooks } from '../../people/enquiry/hidden.ts';
import type { Pause } from '../../pipeline/delivery/pauses.ts';
import { MOST_PEEKED } from '../../storage/queues.ts';
import type { Handler } from '../call.ts';
import type { Role } from '../contract.ts';
import { haltsOf } from '../halts.ts';
import { maxUploadBytes } from '../upload-limit.ts';

const MINUTE_MS = 60_000;

export const pipeline: Handler<'pipeline'> = async ({ app }) => ({
  definition: [...app.pipeline],
  steps: app.registry.names.map((name) => {
    const step = app.registry.get(name);
    const position = app.pipeline.indexOf(name);
    return {
      name,
      title: step?.title ?? name,
      summary: step?.summary ?? '',
      view: step?.view ? { ...step.view } : null,
      needs: [...(step?.needs ?? [])],
      position: position < 0 ? null : position,
    };
  }),
  matchConfidence: app.settings.FACE_MATCH_CONFIDENCE,
  limitedAccess: recognitionOf(app.settings) === 'allowed',
  maxImageBytes: app.settings.MAX_IMAGE_BYTES,
  maxUploadBytes: maxUploadBytes(app.settings),
});

export const queues: Handler<'queues'> = async ({ app, parts }) => {
  const { depths } = parts;
  const [all, poison, pauses] = await Promise.all([depths.queues(), depths.poison(), depths.pauses()]);
  return {
    at: new Date(app.clock()).toISOString(),
    queues: all.map(({ name, step, messages, ready, oldestReady }) => ({
      name,
      step: step ?? null,
      messages,
      ready,
      // The queue tells how many there are and shows the first of those that are ready; both may be a moment apart.
      taken: ready < MOST_PEEKED ? Math.max(0, messages - ready) : null,
      oldestReady: oldestReady ?? null,
      paused: pausedOf(pauses.get(name)),
      poison: poison.get(name) ?? 0,
    })),
  };
};

const pausedOf = (pause: Pause | undefined) =>
  pause === undefined ? null : { by: pause.by, at: pause.at, reason: pause.reason };

/** Who may say a second word. */
const REVIEWERS: readonly Role[] = ['reviewer', 'operator', 'administrator'];

export const live: Handler<'live'> = async ({ app, parts, person }) => {
  const results = await app.results();
  const secondLooks =
    person.signedIn && REVIEWERS.includes(person.role)
      ? countSecondLooks(results.database, person)
      : Promise.resolve(0);
  const [totals, all, dead, halts, waiting] = await Promise.all([
    results.counts.totals(),
    parts.depths.queues(),
    parts.depths.deadLetters(),
    haltsOf(parts),
    secondLooks,
  ]);
  const { stamp, images, byStatus, faces, latest, toReview } = totals;
  return {
    stamp,
    images,
    byStatus,
    faces,
    latest: latest ?? null,
    toReview,
    secondLooks: waiting,
    queues: all.map(({ name, messages }) => ({ name, messages })),
    halts,
    deadLetters: { count: dead.count, latest: dead.latest ?? null },
  };
};

export const failures: Handler<'failures'> = async ({ app }) => {
  const results = await app.results();
  const found = await results.counts.failures();
  return { failures: found.map((one) => ({ ...one, code: one.code ?? null })) };
};

export const throughput: Handler<'throughput'> = async ({ app, query: { minutes } }) => {
  const results = await app.results();
  // Whole minutes, the one that has begun included.
  const end = (Math.floor(app.clock() / MINUTE_MS) + 1) * MINUTE_MS;
  const iso = (ms: number) => new Date(ms).toISOString();
  const from = end - minutes * MINUTE_MS;
  const counted = await results.counts.perMinute(iso(from), iso(end));
  return {
    from: iso(from),
    to: iso(end),
    perMinute: Array.from({ length: minutes }, (_, minute) => {
      const at = iso(from + minute * MINUTE_MS);
      return { at, images: counted.get(at.slice(0, 16)) ?? 0 };
    }),
  };
};

export const me: Handler<'me'> = async ({ person }) => ({
  name: person.name,
  role: person.role,
  local: person.local,
});
