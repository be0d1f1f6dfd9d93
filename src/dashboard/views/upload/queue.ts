import { WHOLE_BYTES } from '../../../api/contract/blocks.ts';
import { bytes } from '../../live/format.ts';
import { lookNow } from '../../live/live.ts';
import { createStore } from '../../live/store.ts';
import { strings } from '../../strings.ts';
import { sendInBlocks } from './send-blocks.ts';
import { sendWhole } from './send-whole.ts';
import type { TermsFirst } from './terms-first.ts';

export interface Upload {
  key: number;
  file: File;
  batch: string;
  /** Path below what was dropped, for folders. */
  name: string;
  /** `refused`: sending it again would change nothing. */
  state: 'queued' | 'sending' | 'taken' | 'failed' | 'refused';
  /** 0 to 1. */
  progress: number;
  /** Job id, once taken, and the batch as the server has it. */
  id?: string;
  batchId?: string;
  problem?: string;
  /** What has to be there before it is sent. */
  terms?: TermsFirst;
}

/** Enough to keep the line full with photographs of some megabytes, without starving the page's own questions. */
const AT_ONCE = 3;

/** Outlives the view: one may look elsewhere while photographs are sent. */
export const uploads = createStore<readonly Upload[]>([]);
let keys = 0;

const change = (key: number, part: Partial<Upload>) =>
  uploads.set((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)));

/**
 * @param maxBytes a larger file is refused before anything of it is sent: the server could only answer with a failure
 *   once it has come whole
 */
export function add(
  files: readonly { file: File; name: string }[],
  batch: string,
  maxBytes = Number.POSITIVE_INFINITY,
  terms?: TermsFirst,
): void {
  const added = files.map(({ file, name }): Upload => {
    const upload = { key: keys++, file, name, batch, progress: 0, ...(terms && { terms }) };
    if (file.size <= maxBytes) return { ...upload, state: 'queued' };
    return {
      ...upload,
      state: 'refused',
      problem: strings.upload.tooLarge(bytes(maxBytes)),
    };
  });
  uploads.set((all) => [...all, ...added]);
  pump();
}

/** @param key all that failed where absent */
export function retry(key?: number): void {
  uploads.set((all) =>
    all.map((one) => {
      if (one.state !== 'failed' || (key !== undefined && one.key !== key)) return one;
      const { problem: _, ...rest } = one;
      one.terms?.tryAgain();
      return { ...rest, state: 'queued', progress: 0 };
    }),
  );
  pump();
}

export const clear = (): void =>
  uploads.set((all) => all.filter((one) => one.state === 'queued' || one.state === 'sending'));

export const busy = (all: readonly Upload[]): boolean =>
  all.some((one) => one.state === 'queued' || one.state === 'sending');

function pump(): void {
  const all = uploads.get();
  const free = AT_ONCE - all.filter((one) => one.state === 'sending').length;
  for (const next of all.filter((one) => one.state === 'queued').slice(0, Math.max(0, free))) {
    change(next.key, { state: 'sending' });
    const send = next.file.size > WHOLE_BYTES ? sendInBlocks : sendWhole;
    Promise.resolve(next.terms?.there())
      .then(() => send(next, (progress) => change(next.key, { progress })))
      .then(
        ({ id, batchId }) =>
          change(next.key, { state: 'taken', progress: 1, batchId, ...(id !== null && { id }) }),
        (error: Error) => change(next.key, { state: 'failed', problem: error.message }),
      )
      .finally(() => {
        pump();
        lookNow();
      });
  }
}
