import { NearNames } from '../domain/near.ts';
import type { ErasureRequest } from '../erasure/request.ts';
import type { ResultStore } from '../results/store.ts';
import { type FindImageDeps, findImage } from './find-image.ts';

interface Deps extends FindImageDeps {
  results(): Promise<Pick<ResultStore, 'batches' | 'get' | 'summaries'>>;
}

/**
 * That there is nothing to erase may be a slip of the pen: nobody is to pass it on as "nothing is stored".
 *
 * @returns a sentence, and names that may have been meant
 */
export async function nothingToErase(
  request: ErasureRequest,
  deps: Deps,
): Promise<{ message: string; near: string[] }> {
  if (request.kind === 'image') {
    const message = `There is no image "${request.image}" here.`;
    const found = await findImage(request.image, deps);
    if (found.kind === 'image') return { message, near: [found.name] };
    return { message, near: found.kind === 'several' ? found.names : found.near };
  }
  if (request.kind === 'batch') {
    const near = new NearNames(request.batch);
    for (const { batchId } of await (await deps.results()).batches()) near.add(batchId);
    return { message: `There is no image in a batch "${request.batch}".`, near: near.names };
  }
  return { message: 'There is nothing about it.', near: [] };
}
