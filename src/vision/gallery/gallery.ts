import type { Clock, Log } from '../../domain/ports.ts';
import { recognitionModel } from '../../domain/recognition-model.ts';
import type { Settings } from '../../domain/settings.ts';
import { tables } from '../../storage/names.ts';
import type { Tables } from '../../storage/tables.ts';
import type { Face } from '../face.ts';
import type { ImageOf } from './copy.ts';
import { enrol } from './enrol.ts';
import {
  type EnrolledFace,
  FaceIndex,
  type FaceRow,
  type OwnedSince,
  type Place,
  type WhichFaces,
} from './face-index.ts';
import { type FaceMatch, type FindOptions, find, findEach, type WithId } from './find.ts';
import { ListRegistry } from './list-registry.ts';
import { type Maintenance, maintain } from './maintain.ts';
import type { GalleryParts } from './parts.ts';
import { remove } from './remove.ts';
import { removeAll } from './remove-all.ts';
import { type Sweep, sweep } from './sweep.ts';
import { eraseFaces, type FaceLook, lookThrough, type Traces, traces } from './trace.ts';

/**
 * All faces that can be found, newest in small lists that need no training, the others in large trained ones. Which
 * persisted id is whose stands in the table `faceindex`; an id without a row there counts for nothing.
 *
 * Every method throws `UnavailableError` `LimitedAccessRequired` where the account may not recognise faces,
 * `RateLimitedError` where it has to wait, and may be repeated after any failure.
 */
export interface Gallery {
  /** Name of the table that says which face is whose. */
  readonly index: string;
  /**
   * Makes a face findable; nothing is sent where it is already.
   *
   * @param bytes the image in which `face.rectangle` stands
   * @param known what `keepOnly` has just said there is of its job
   * @returns where the face is
   * @throws {PermanentError} when the service sees no face there
   */
  enrol(face: EnrolledFace, bytes: Buffer, signal: AbortSignal, known?: readonly FaceRow[]): Promise<Place[]>;
  /**
   * Faces of other photographs like this one. Call it after `enrol` of the same photograph's faces: then of two
   * photographs in flight at once at least one sees the other.
   *
   * @param faceId of `Face.detect` with `faceId: true`
   * @throws {FaceIdExpiredError} the face must be detected again
   */
  find(faceId: string, options: FindOptions, signal: AbortSignal): Promise<FaceMatch[]>;
  /** The same for several faces of a photograph, by their keys, which reads what they share once. */
  findEach(
    faceKeys: readonly string[],
    withId: WithId,
    options: FindOptions,
    signal: AbortSignal,
  ): Promise<Map<string, FaceMatch[]>>;
  /**
   * Takes a job's faces out, but for those with the given keys. Sends nothing where there is nothing to take out.
   *
   * @returns those that stay
   */
  keepOnly(jobKey: string, faceKeys: readonly string[], signal: AbortSignal): Promise<FaceRow[]>;
  /** Takes out single faces of a job. */
  removeFaces(jobKey: string, faceKeys: readonly string[], signal: AbortSignal): Promise<void>;
  /** What there is of jobs, for an erasure: see `trace.ts`. */
  traces(jobKeys: ReadonlySet<string>, signal: AbortSignal): Promise<Traces>;
  /** Takes out everything of jobs, for an erasure: see `trace.ts`. */
  erase(jobKeys: ReadonlySet<string>, signal: AbortSignal): Promise<void>;
  /** Takes out all there is: of a model that is not in use any more. @returns whether nothing is left */
  removeAll(signal: AbortSignal): Promise<boolean>;
  /** The look through everything, for an erasure. */
  readonly look: FaceLook;
  /** Every enrolled face, or some of them: reads so much of the index. */
  enrolled(which?: WhichFaces): AsyncGenerator<EnrolledAt>;
  /** The enrolled faces of a job. */
  enrolledOf(jobKey: string): Promise<EnrolledAt[]>;
  /** For a timer, every minute or so: moves older faces to the large lists and trains them. */
  maintain(imageOf: ImageOf, signal: AbortSignal): Promise<Maintenance>;
  /** For a timer, every half hour or so: deletes persisted faces that nobody owns. */
  sweep(signal: AbortSignal): Promise<Sweep>;
}

/** An enrolled face, and when it was enrolled: milliseconds since the epoch. */
export interface EnrolledAt {
  key: string;
  at: number;
}

/** A copy to a larger list makes no face younger. */
const enrolledAt = ({ key, fresh, large, enrolledAt: first }: OwnedSince): EnrolledAt | undefined =>
  fresh || large ? { key, at: first || (large?.claimedAt ?? 0) } : undefined;

interface GalleryDependencies {
  /** Its model is that of the gallery. */
  vision: { readonly face: Face };
  storage: { readonly tables: Tables };
  settings: Settings;
  clock: Clock;
  log: Log;
}

export function openGallery({ vision, storage, settings, clock, log }: GalleryDependencies): Gallery {
  const { face } = vision;
  const tag = recognitionModel(face.model)?.tag ?? '';
  const index = `${tables.faceIndex}${tag}`;
  const table = storage.tables.table(index);
  const parts: GalleryParts = {
    face,
    lists: { fresh: face.lists, large: face.largeLists },
    index: new FaceIndex(table),
    registry: new ListRegistry(table, settings.FACE_LIST_PREFIX + (tag && `_${tag}`), clock),
    clock,
    log,
    threshold: settings.FACE_MATCH_CONFIDENCE,
    freshLimit: settings.FACE_FRESH_LIMIT,
  };
  return {
    index,
    async enrol(identity, bytes, signal, known) {
      face.requireLimitedAccess();
      return enrol(parts, identity, bytes, signal, known);
    },
    find: (faceId, options, signal) => find(parts, faceId, options, signal),
    findEach: (faceKeys, withId, options, signal) => findEach(parts, faceKeys, withId, options, signal),
    keepOnly: async (jobKey, faceKeys, signal) => {
      const faces = await remove(parts, jobKey, (key) => !faceKeys.includes(key), signal);
      return faces.filter(({ key }) => faceKeys.includes(key));
    },
    removeFaces: async (jobKey, faceKeys, signal) => {
      await remove(parts, jobKey, (key) => faceKeys.includes(key), signal);
    },
    traces: (jobKeys, signal) => traces(parts, jobKeys, signal),
    erase: (jobKeys, signal) => eraseFaces(parts, jobKeys, signal),
    look: lookThrough(parts),
    removeAll: (signal) => removeAll(parts, signal),
    async *enrolled(which) {
      for await (const row of parts.index.everyFace(which)) {
        const face = enrolledAt(row);
        if (face) yield face;
      }
    },
    enrolledOf: async (jobKey) => (await parts.index.faces(jobKey)).flatMap((row) => enrolledAt(row) ?? []),
    maintain: (imageOf, signal) => maintain(parts, imageOf, signal),
    sweep: (signal) => sweep(parts, signal),
  };
}
