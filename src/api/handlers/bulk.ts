import { type BulkItems, BulkRefusedError, draftBulkAct as draft } from '../../admin/bulk/draft.ts';
import { proceedBulkAct as proceed } from '../../admin/bulk/proceed.ts';
import { startBulkAct as start } from '../../admin/bulk/start.ts';
import { imageCsv, imageCsvHead } from '../../admin/export/image-csv.ts';
import type { App } from '../../app.ts';
import type { Log } from '../../domain/ports.ts';
import type { BulkAct } from '../../results/bulk.ts';
import type { Call, Handler } from '../call.ts';
import type { BulkAct as BulkActView } from '../contract.ts';
import { toFilter } from '../image-filter.ts';
import type { Person } from '../person.ts';
import { ApiError, notFound } from '../problem.ts';

/** For how long one call works, in milliseconds: a page shows progress in between. */
const WORK_MS = 2000;
const LISTED = 20;
const PAGE = 200;

const toView = ({ detail, endedAt, ...act }: BulkAct): BulkActView => ({
  ...act,
  endedAt: endedAt ?? null,
  step: detail.step ?? null,
  receipt: detail.receipt ?? null,
  left: Object.entries(detail.left ?? {}).map(([code, left]) => ({ code, ...left })),
});

function mayDo(kind: BulkAct['kind'], { role }: Person): void {
  if ((kind !== 'erase' && kind !== 'drop') || role === 'administrator') return;
  throw new ApiError(
    403,
    'RoleRequired',
    `What is ${kind === 'erase' ? 'erased' : 'dropped'} cannot be had back: that needs the role administrator, and you have ${role}.`,
  );
}

async function actOf(app: App, id: string): Promise<BulkAct> {
  const act = await (await app.results()).bulk.get(id);
  if (!act) throw notFound('act');
  return act;
}

function itemsOf({
  images,
  filter,
  without = [],
  letters,
  queue,
  code,
}: Call<'draftBulkAct'>['body']): BulkItems {
  if (images !== undefined) return { images };
  if (filter !== undefined) return { filter: toFilter(filter), without };
  if (letters !== undefined) return { letters };
  return { queue: queue ?? '', code: code ?? '' };
}

export const draftBulkAct: Handler<'draftBulkAct'> = async ({ app, body, person, log, signal }) => {
  mayDo(body.kind, person);
  const { step, onlyFailed, biometric } = body;
  if (step !== undefined && !app.registry.get(step)) {
    throw new ApiError(
      422,
      'UnknownStep',
      `There is no step "${step}": it is one of ${app.registry.names.join(', ')}.`,
    );
  }
  const detail = {
    ...(step !== undefined && { step }),
    ...(onlyFailed && { onlyFailed }),
    ...(biometric && { biometric }),
  };
  try {
    const act = await draft(body.kind, itemsOf(body), detail, person.name, app);
    return { act: toView(act), ...(await foundBy(act, app, log, signal)) };
  } catch (error) {
    if (error instanceof BulkRefusedError) throw new ApiError(422, error.code, error.message);
    throw error;
  }
};

/** The dry run of an erasure. */
async function foundBy(act: BulkAct, app: App, log: Log, signal: AbortSignal) {
  if (act.kind !== 'erase') return { found: null, batches: null };
  const { subjects, found } = await (await app.eraser(log)).plan(
    { kind: 'selection', selection: act.id },
    signal,
  );
  const batches = [...Map.groupBy(subjects, ({ batchId }) => batchId)];
  return { found, batches: batches.map(([batchId, own]) => ({ batchId, images: own.length })) };
}

export const listBulkActs: Handler<'listBulkActs'> = async ({ app }) => ({
  acts: (await (await app.results()).bulk.latest(LISTED)).map(toView),
});

export const getBulkAct: Handler<'getBulkAct'> = async ({ app, params: { act } }) =>
  toView(await actOf(app, act));

export const startBulkAct: Handler<'startBulkAct'> = async ({ app, params, body: { items }, person }) => {
  const act = await actOf(app, params.act);
  mayDo(act.kind, person);
  const refused = await start(act, items, person.name, app);
  if (refused) throw new ApiError(409, refused.code, refused.message);
  return toView(await actOf(app, act.id));
};

export const proceedBulkAct: Handler<'proceedBulkAct'> = async ({ app, params, log, signal }) => {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(WORK_MS)]);
  const act = await proceed(params.act, app, log, limit);
  if (!act) throw notFound('act');
  return toView(act);
};

export const stopBulkAct: Handler<'stopBulkAct'> = async ({ app, params, person }) => {
  const act = await actOf(app, params.act);
  mayDo(act.kind, person);
  if (act.kind === 'erase' && act.detail.receipt !== undefined) {
    throw new ApiError(
      409,
      'CannotStop',
      'An erasure that has begun is carried through: half of it would be no proof.',
    );
  }
  await (await app.results()).bulk.end(act.id, 'stopped');
  return null;
};

export const bulkRows: Handler<'bulkRows'> = async ({ app, params, person, signal }) => {
  const act = await actOf(app, params.act);
  if (act.kind !== 'export' || act.state !== 'running' || act.askedBy !== person.name)
    throw notFound('export');
  const results = await app.results();
  const lines = [imageCsvHead()];
  for (let from = 0; ; ) {
    signal.throwIfAborted();
    const page = await results.bulk.items(act.id, { from, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) break;
    for (const image of await results.images(page.map(({ item }) => item))) lines.push(imageCsv(image));
    from = last.position + 1;
  }
  await results.bulk.end(act.id, 'done');
  const at = act.createdAt.slice(0, 16).replaceAll(':', '');
  return {
    // A spreadsheet takes the file for what it is by its first character.
    bytes: Buffer.from(`\ufeff${lines.join('\r\n')}\r\n`),
    contentType: 'text/csv; charset=utf-8',
    etag: act.id,
    cacheControl: 'no-store',
    saveAs: `imaginem-${at}.csv`,
  };
};
