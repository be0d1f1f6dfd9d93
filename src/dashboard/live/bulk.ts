import type { BulkAct, BulkDraft } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { strings } from '../strings.ts';
import { type ApiError, getJson, send, sendInPassing } from './client.ts';
import { lookNow } from './live.ts';
import { notify } from './notices.ts';
import { forgetAnswers } from './recent.ts';
import { createStore, useStore } from './store.ts';

export type BulkKind = BulkAct['kind'];

/** What an act is to be about, as the API takes it. */
export type BulkItems =
  | { images: readonly string[] }
  | { filter: Record<string, unknown>; without?: readonly string[] }
  | { letters: readonly { queue: string; id: string }[] }
  | { queue: string; code: string };

/** Acts this page has started, until they are through: one may look elsewhere meanwhile. */
const acts = createStore<readonly BulkAct[]>([]);
export const useActs = (): readonly BulkAct[] => useStore(acts);

const AFTER_ERROR_MS = 5000;
const BETWEEN_MS = 300;

const change = (act: BulkAct): void =>
  acts.set((all) =>
    all.some(({ id }) => id === act.id) ? all.map((one) => (one.id === act.id ? act : one)) : [...all, act],
  );
const forget = (id: string): void => acts.set((all) => all.filter((one) => one.id !== id));

/** Lists what an act is about; nothing is done yet. @throws {ApiError} */
export async function draft(
  kind: BulkKind,
  items: BulkItems,
  more: { step?: string; onlyFailed?: boolean } = {},
): Promise<BulkDraft> {
  const answer = await send<BulkDraft>('POST', routes.bulkActs, { kind, ...items, ...more });
  if (answer === undefined) throw new Error(strings.common.somethingWrong);
  return answer;
}

/** Takes back what was listed and not confirmed. */
export const dismiss = (act: BulkAct): void =>
  void sendInPassing('DELETE', routes.bulkAct(act.id)).catch(() => {});

/** What was started, and how it is once it is through; that fails where what comes of it cannot be known. */
interface Started {
  act: BulkAct;
  ended: Promise<BulkAct>;
}

/** Starts what was confirmed, and follows it. @throws {ApiError} */
export async function start(act: BulkAct): Promise<Started> {
  const started = await send<BulkAct>('POST', routes.bulkStart(act.id), { items: act.items }).catch(
    (problem: ApiError) => {
      // By this page, whose question was answered and the answer lost: nobody else has the draft.
      if (problem.code === 'AlreadyStarted') return getJson<BulkAct>(routes.bulkAct(act.id));
      throw problem;
    },
  );
  if (started === undefined) throw new Error(strings.common.somethingWrong);
  if (started.kind === 'export') return { act: started, ended: Promise.resolve(started) };
  change(started);
  return { act: started, ended: follow(started) };
}

/** @throws {ApiError} */
export async function stop(act: BulkAct): Promise<void> {
  await send('DELETE', routes.bulkAct(act.id));
  forget(act.id);
}

/** Works on it in steps of seconds; where the page is closed or away, the server goes on by its timer. */
async function follow(started: BulkAct): Promise<BulkAct> {
  let act = started;
  while (act.state === 'running' && acts.get().some(({ id }) => id === act.id)) {
    let pause = BETWEEN_MS;
    try {
      const now = await sendInPassing<BulkAct>('POST', routes.bulkProceed(act.id), {});
      if (now !== undefined) act = now;
      if (acts.get().some(({ id }) => id === act.id)) change(act);
      lookNow();
    } catch (problem) {
      // Away for a while; what is refused will not come to be.
      const { status } = problem as ApiError;
      if (status !== 0 && status < 500 && status !== 429) {
        forget(act.id);
        throw problem;
      }
      pause = AFTER_ERROR_MS;
    }
    if (act.state === 'running') await new Promise((resolve) => setTimeout(resolve, pause));
  }
  forget(act.id);
  if (act.kind === 'erase') forgetAnswers();
  lookNow();
  const { ended, left } = strings.bulk;
  if (act.state === 'done') {
    const alone = act.left.map(({ items, message }) => left(items, message)).join(' ');
    notify(`${ended[act.kind](act.acted)} ${alone}`.trim(), act.acted === 0 ? 'error' : 'calm');
  }
  return act;
}
