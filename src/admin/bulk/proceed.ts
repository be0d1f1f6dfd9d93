import { subject } from '../../audit/subject.ts';
import type { Log } from '../../domain/ports.ts';
import type { Eraser } from '../../erasure/eraser.ts';
import type { BulkAct, HeldAct } from '../../results/bulk.ts';
import type { ResultStore } from '../../results/store.ts';
import type { Audited } from '../audited.ts';
import { dropLetter } from '../drop-letter.ts';
import { type ReplayDeps, replay } from '../replay.ts';
import { planRerun, type RerunDeps, type RerunPlan, sendRerun, unconfirmed } from '../rerun.ts';
import { letterKeyOf } from './letter-item.ts';

/** Items between two signs of life: what is lost of a process that dies is done again, which is safe. */
const AT_ONCE = 50;
const LEASE_MS = 60_000;

const DAY_MS = 24 * 3600 * 1000;
/** Drafts that nobody confirmed, and what is left of acts that ended. */
const KEPT_MS = { drafts: DAY_MS, ended: 30 * DAY_MS };

interface BulkDeps extends RerunDeps, ReplayDeps, Audited {
  clock(): number;
  results(): Promise<ResultStore>;
  eraser(log: Log): Promise<Eraser>;
}

/**
 * Goes on with an act until it is through or the signal lets it: also when another process has begun it.
 *
 * @returns how it stands
 */
export async function proceedBulkAct(
  id: string,
  deps: BulkDeps,
  log: Log,
  signal: AbortSignal,
): Promise<BulkAct | undefined> {
  const { bulk } = await deps.results();
  let held = await bulk.take(id, LEASE_MS);
  if (held?.act.kind === 'erase') {
    await eraseAll(held, deps, log, signal);
    return bulk.get(id);
  }
  while (held) {
    const { act } = held;
    const page = await bulk.items(id, { from: act.position, limit: AT_ONCE });
    const last = page.at(-1);
    if (last === undefined) {
      await bulk.end(id, 'done');
      break;
    }
    const items = page.map(({ item }) => item);
    if (act.kind === 'rerun') await rerunAll(items, act, deps);
    else await actOnLetters(items, act, deps);
    act.position = last.position + 1;
    held = await bulk.keep(held, signal.aborted ? undefined : LEASE_MS);
  }
  return bulk.get(id);
}

/** Goes on with every act that is under way, and forgets what is long over. For a timer. */
export async function resumeBulkActs(deps: BulkDeps, log: Log, signal: AbortSignal): Promise<void> {
  const { bulk } = await deps.results();
  for (const { id } of await bulk.running(100)) {
    if (signal.aborted) return;
    await proceedBulkAct(id, deps, log, signal);
  }
  const before = (ms: number) => new Date(deps.clock() - ms).toISOString();
  await bulk.forget({ drafts: before(KEPT_MS.drafts), ended: before(KEPT_MS.ended) });
}

function leave(act: BulkAct, code: string, message: string): void {
  const left = act.detail.left?.[code];
  act.detail = {
    ...act.detail,
    left: {
      ...act.detail.left,
      [code]: { items: (left?.items ?? 0) + 1, message: left?.message ?? message },
    },
  };
}

/** Who asked is written down before anything is sent, about those images alone that are really done again. */
async function rerunAll(items: readonly string[], act: BulkAct, deps: BulkDeps): Promise<void> {
  const { step, onlyFailed = false, biometric } = act.detail;
  const which = onlyFailed ? 'failed' : 'all';
  const plans: RerunPlan[] = [];
  for (const image of items) {
    let found = false;
    for await (const one of planRerun({ image, step, which, busy: 'leave' }, deps)) {
      found = true;
      const refused = 'skipped' in one || biometric ? undefined : unconfirmed(one);
      if (refused) leave(act, refused.skipped.code, refused.skipped.message);
      else if ('skipped' in one) leave(act, one.skipped.code, one.skipped.message);
      else plans.push(one);
    }
    if (!found)
      leave(act, 'NothingToDo', 'There is nothing to do again: it was erased, or has not failed any more.');
  }
  if (plans.length === 0) return;
  await deps.audit.record({
    who: act.askedBy,
    action: 'image.rerun',
    about: plans.map(({ job }) => subject.image(job)),
    detail: { step: step ?? null, which, act: act.id, ...(biometric && { biometric }) },
  });
  for (const plan of plans) await sendRerun(plan, deps);
  act.acted += plans.length;
}

async function actOnLetters(items: readonly string[], act: BulkAct, deps: BulkDeps): Promise<void> {
  for (const item of items) {
    const entry = await deps.deadLetters.get(letterKeyOf(item));
    if (!entry) {
      leave(act, 'NotThere', 'It is not there any more.');
      continue;
    }
    if (act.kind === 'drop') {
      if (await dropLetter(entry, act.askedBy, deps)) act.acted += 1;
      else leave(act, 'SeenAgain', 'It was given up once more meanwhile: look at it again.');
      continue;
    }
    const plan = await replay(entry, act.askedBy, deps);
    if ('refused' in plan) leave(act, plan.refused.code, plan.refused.message);
    else act.acted += 1;
  }
}

/** The eraser has a ledger, and a timer, of its own: this only begins it, and sees how far it is. */
async function eraseAll(held: HeldAct, deps: BulkDeps, log: Log, signal: AbortSignal): Promise<void> {
  const { act } = held;
  const { bulk } = await deps.results();
  const eraser = await deps.eraser(log);
  const id =
    act.detail.receipt ??
    (await eraser.begin({ kind: 'selection', selection: act.id }, act.askedBy, signal))?.id;
  if (id === undefined) {
    leave(act, 'NotThere', 'There is nothing about them any more.');
    await bulk.keep(held);
    await bulk.end(act.id, 'done');
    return;
  }
  act.detail = { ...act.detail, receipt: id };
  const going = await bulk.keep(held, LEASE_MS);
  if (!going) return;
  const receipt = await eraser.proceed(id, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return eraser.receipt(id);
  });
  act.acted = receipt?.images ?? 0;
  if (receipt !== undefined && receipt.state !== 'running') act.position = act.items;
  await bulk.keep(going);
  if (act.position === act.items) await bulk.end(act.id, 'done');
}
