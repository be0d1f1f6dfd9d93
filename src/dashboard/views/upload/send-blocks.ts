import { BLOCK_BYTES, blockCount, HEAD_BYTES } from '../../../api/contract/blocks.ts';
import type { Problem, UploadAnswer, UploadedFile, UploadPlan } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { ApiError, query, send } from '../../live/client.ts';
import { sendForm } from '../../live/send-form.ts';
import { strings } from '../../strings.ts';
import type { Sending, Taken } from './send-whole.ts';

/** Of one request, with pauses of 0.5, 1, 2 and 4 seconds: a lost connection or a restart passes. */
const TRIES = 5;
const FIRST_PAUSE_MS = 500;
/** Another file got the name, or the file was changed while it was sent. */
const PLANS = 3;

/** One after the other, so that of two files of one name the second is planned when the first is there. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Sends a file in blocks, for what one request can carry is limited. What is there already is not sent.
 *
 * @param onProgress 0 to 1
 * @throws {Error} that says why it was not taken
 */
export function sendInBlocks(sending: Sending, onProgress: (part: number) => void): Promise<Taken> {
  const own = last.then(() => sendOne(sending, onProgress));
  last = own.catch(() => {});
  return own;
}

async function sendOne({ file, name, batch }: Sending, onProgress: (part: number) => void): Promise<Taken> {
  const described = { name, bytes: file.size, blocks: await hashesOf(file) };
  const head = base64(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  for (let plans = 1; ; plans++) {
    try {
      const plan = await again(() =>
        send<UploadPlan>('POST', routes.uploadPlan + query({ batch }), { ...described, head }),
      );
      if (plan?.file) return takenOf(plan.file, plan.batchId);
      if (!plan?.send) throw new Error(strings.common.somethingWrong);
      const { number, format } = plan.send;
      for (const block of described.blocks.keys()) {
        const start = block * BLOCK_BYTES;
        const bytes = file.slice(start, start + BLOCK_BYTES);
        const path = routes.uploadBlock(String(block)) + query({ batch, number, format });
        await again(() =>
          sendBlock(path, bytes, name, (part) => onProgress((start + part * bytes.size) / file.size)),
        );
      }
      const committed = await again(() =>
        send<UploadAnswer>('POST', routes.uploadCommit + query({ batch }), { ...described, number, format }),
      );
      return takenOf(committed?.files[0], committed?.batchId);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || plans === PLANS) throw error;
    }
  }
}

async function sendBlock(
  path: string,
  bytes: Blob,
  name: string,
  onProgress: (part: number) => void,
): Promise<void> {
  const form = new FormData();
  form.append('file', bytes, name);
  const { status, json } = await sendForm<Problem>('PUT', path, form, onProgress);
  if (status >= 200 && status < 300) return;
  const words = status === 0 ? strings.upload.broken : `${strings.common.somethingWrong} (${status})`;
  throw new ApiError(status, json?.code ?? 'Unknown', json?.detail ?? words);
}

/** Does it again where time may cure what was wrong. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      const passes =
        error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
      if (!passes || tried === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (tried - 1)));
    }
  }
}

function takenOf(file: UploadedFile | undefined, batchId: string | undefined): Taken {
  if (file?.accepted && batchId !== undefined) return { id: file.id, batchId };
  throw new Error(file?.problem?.detail ?? strings.common.somethingWrong);
}

/** Block by block: a large file is not held whole. */
async function hashesOf(file: File): Promise<string[]> {
  const hashes: string[] = [];
  for (let block = 0; block < blockCount(file.size); block++) {
    const bytes = await file.slice(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES).arrayBuffer();
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    hashes.push([...hash].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
  }
  return hashes;
}

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
