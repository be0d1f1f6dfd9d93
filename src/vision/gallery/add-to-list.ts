import { RateLimitedError } from '../../domain/errors.ts';
import { FaceListStateError } from '../errors.ts';
import type { EnrolledFace, Place } from './face-index.ts';
import type { ListRow, Tier } from './list-registry.ts';
import type { GalleryParts } from './parts.ts';

/** A list that another call is changing is free again in a moment. */
const BUSY_RETRY_MS = 1000;

/** All lists full: only maintenance makes room. */
const FULL_RETRY_MS = 60_000;

/**
 * Adds a face to the lowest list of a tier that has room; creates and registers the next list where the others are
 * full, or where the service has lost one.
 *
 * @throws {RateLimitedError} where no list has room, or the list is being changed
 * @throws {FaceListStateError} `training` where a LargeFaceList cannot be changed now
 */
export async function addToList(
  parts: GalleryParts,
  tier: Tier,
  face: EnrolledFace,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<Place> {
  const { registry } = parts;
  const lists = parts.lists[tier];
  const registered = new Map(
    (await registry.recent()).filter((list) => list.tier === tier).map((list) => [list.number, list]),
  );
  for (const number of registry.numbers(tier)) {
    const row = registered.get(number);
    if (row?.full || (row && !(await isOpen(parts, row)))) continue;
    const listId = registry.listId(tier, number);
    const add = () => lists.add(listId, bytes, { rectangle: face.rectangle, userData: face.key }, signal);
    if (row === undefined && !(await createList(parts, tier, number, signal))) break;
    try {
      const persistedFaceId = await add().catch(async (error) => {
        if (stateOf(error) !== 'missing') throw error;
        if (!(await createList(parts, tier, number, signal))) throw error;
        return add();
      });
      return { listId, persistedFaceId };
    } catch (error) {
      switch (stateOf(error)) {
        case 'full':
          await markFull(parts, row ?? (await registry.get(listId)));
          continue;
        case 'busy':
          throw new RateLimitedError('The face list is being changed by another call.', BUSY_RETRY_MS, {
            code: 'FaceListBusy',
            cause: error,
          });
        default:
          throw error;
      }
    }
  }
  throw new RateLimitedError('Every face list is full until older faces have moved on.', FULL_RETRY_MS, {
    code: 'FaceListsFull',
  });
}

/** @returns false where the account can hold no more lists */
async function createList(
  parts: GalleryParts,
  tier: Tier,
  number: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await parts.lists[tier].create(parts.registry.listId(tier, number), signal);
  } catch (error) {
    if (stateOf(error) === 'full') return false;
    if (stateOf(error) !== 'exists') throw error;
  }
  await parts.registry.register(tier, number);
  return true;
}

/** A list on its way to be closed is opened again: it is only come to when those before it are full. */
async function isOpen({ registry }: GalleryParts, list: ListRow): Promise<boolean> {
  if (list.closed) return false;
  return list.closingAt === 0 || registry.update(list, { closingAt: 0 });
}

async function markFull(parts: GalleryParts, list: ListRow | undefined): Promise<void> {
  if (list) await parts.registry.update(list, { full: true });
}

export const stateOf = (error: unknown) => (error instanceof FaceListStateError ? error.state : undefined);
