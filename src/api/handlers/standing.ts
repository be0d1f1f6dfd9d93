import { batchStatuses } from '../../admin/batch-status.ts';
import { queueStandings as standingsOf } from '../../admin/queue-states.ts';
import { statsOf } from '../../admin/stats.ts';
import { explainImage, type Why } from '../../admin/why.ts';
import { isReserved } from '../../domain/enquiry-batch.ts';
import { inputNameOf } from '../../storage/input-name.ts';
import type { Handler } from '../call.ts';
import { seesEnquiries } from '../enquiry-photographs.ts';
import { notFound } from '../problem.ts';

export const whyImage: Handler<'whyImage'> = async ({ app, person, params: { id } }) => {
  // It may be asked for by its name, too, which stands in no index of what is hidden.
  const hidden = (name = '') => !seesEnquiries(person) && isReserved(inputNameOf(name) ?? name);
  const found = await explainImage(id, app);
  if (hidden(id) || hidden(found.job?.batch)) throw notFound('image');
  const why = { ...found, similar: found.similar.filter((name) => !hidden(name)) };
  if (why.state === 'unknown' && why.deadLetters.length === 0 && why.similar.length === 0) {
    throw notFound('image');
  }
  return toAnswer(why);
};

function toAnswer({ state, job, step, attempt, nextAt, error, paused, queue, ...why }: Why) {
  return {
    state,
    imageId: job?.id ?? null,
    batchId: job?.batch ?? null,
    step: step ?? null,
    attempt: attempt ?? null,
    nextAt: nextAt ?? null,
    error: error
      ? { code: error.code, message: error.message, step: error.step ?? null, advice: error.advice }
      : null,
    paused: paused ?? null,
    queue: queue
      ? { name: queue.name, messages: queue.messages, poison: queue.poison, hasMessage: queue.hasMessage }
      : null,
    deadLetters: why.deadLetters.map(({ id, queue: where, error: of }) => ({
      id,
      queue: where,
      error: { code: of.code, message: of.message },
    })),
    warnings: [...why.warnings],
    notAsked: why.notAsked,
    similar: why.similar,
    advice: why.advice,
  };
}

export const status: Handler<'status'> = async ({ app, person, query: { batch } }) => {
  const all = await batchStatuses(app, batch);
  const batches = all.filter((one) => seesEnquiries(person) || !isReserved(one.batch));
  if (batch !== undefined && batches.length === 0) throw notFound('batch');
  return { batches };
};

export const stats: Handler<'stats'> = async ({ app, query: { batch } }) => {
  const { images, throughput, image_latency, steps, services } = await statsOf(app, batch);
  if (batch !== undefined && images.finished === 0) throw notFound('batch');
  return {
    images: { finished: images.finished, underWay: images.under_way, announced: images.announced },
    throughput: {
      perMinute: throughput.per_minute,
      lastHour: throughput.last_hour,
      first: throughput.first,
      last: throughput.last,
    },
    imageLatency: image_latency,
    steps,
    services,
  };
};

export const queueStandings: Handler<'queueStandings'> = async ({ app }) => ({
  queues: (await standingsOf(app)).map(({ oldest_ready, next_try, delayed_counted_at, ...standing }) => ({
    ...standing,
    oldestReady: oldest_ready,
    nextTry: next_try,
    delayedCountedAt: delayed_counted_at,
  })),
});
