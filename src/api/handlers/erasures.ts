import { nothingToErase } from '../../admin/nothing-to-erase.ts';
import type { App } from '../../app.ts';
import type { Eraser } from '../../erasure/eraser.ts';
import type { Receipt } from '../../erasure/receipt.ts';
import { ErasureRefusedError, type ErasureRequest } from '../../erasure/request.ts';
import { confirmedWith } from '../../erasure/select.ts';
import type { Handler } from '../call.ts';
import { ApiError, notFound } from '../problem.ts';

/** How long a caller waits; what is not through by then is gone on with by the timer. */
const WAIT_MS = 30_000;

const toAnswer = (receipt: Receipt) => ({ ...receipt, beyond: [...receipt.beyond] });

export const erase: Handler<'erase'> = async ({ app, body, person, log, signal }) => {
  const { image, batch, face, enquiry, with: others = [], dryRun } = body;
  const request: ErasureRequest =
    image !== undefined
      ? { kind: 'image', image }
      : batch !== undefined
        ? { kind: 'batch', batch }
        : enquiry !== undefined
          ? { kind: 'enquiry', enquiry }
          : { kind: 'face', face: face ?? '', with: others };
  const eraser = await app.eraser(log);
  try {
    if (dryRun) {
      const { subjects, found } = await eraser.plan(request, signal);
      if (subjects.length === 0) throw await nothingOf(request, app);
      const confirmed = request.kind === 'face' ? await confirmedWith(request.face, app) : null;
      return { images: subjects.map(({ id }) => id), found, confirmed, receipt: null };
    }
    const receipt = await eraseAsFarAs(eraser, request, person.name, signal);
    if (!receipt) throw await nothingOf(request, app);
    return { images: null, found: null, confirmed: null, receipt: toAnswer(receipt) };
  } catch (error) {
    if (error instanceof ErasureRefusedError) throw new ApiError(422, error.code, error.message);
    throw error;
  }
};

/** As far as a caller waits. @returns undefined where there is nothing to erase */
async function eraseAsFarAs(
  eraser: Eraser,
  request: ErasureRequest,
  by: string,
  signal: AbortSignal,
): Promise<Receipt | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]);
  const begun = await eraser.begin(request, by, signal);
  if (!begun) return undefined;
  const receipt = await eraser.proceed(begun.id, limit).catch((error: unknown) => {
    if (!limit.aborted || signal.aborted) throw error;
    return eraser.receipt(begun.id);
  });
  return receipt ?? begun;
}

export const erasePerson: Handler<'erasePerson'> = async ({ app, person, params, log, signal }) => {
  const request: ErasureRequest = { kind: 'person', persons: [params.person] };
  const receipt = await eraseAsFarAs(await app.eraser(log), request, person.name, signal);
  if (!receipt) throw notFound('person');
  return toAnswer(receipt);
};

/** Not found, with what is near, as `errors` has it: "nothing there" would be read as "nothing is stored". */
async function nothingOf(request: ErasureRequest, app: App): Promise<ApiError> {
  const { message, near } = await nothingToErase(request, app);
  const errors = near.map((name) => ({ path: request.kind, message: `Did you mean ${name}?` }));
  return new ApiError(404, 'NotFound', message, errors.length > 0 ? { errors } : {});
}

export const listErasures: Handler<'listErasures'> = async ({ app, log }) => ({
  receipts: (await (await app.eraser(log)).receipts()).map(toAnswer),
});

export const getErasure: Handler<'getErasure'> = async ({ app, log, params }) => {
  const receipt = await (await app.eraser(log)).receipt(params.receipt);
  if (!receipt) throw notFound('receipt');
  return toAnswer(receipt);
};
