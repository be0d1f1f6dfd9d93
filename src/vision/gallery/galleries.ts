import type { Clock, Log } from '../../domain/ports.ts';
import { FIRST_MODEL, RECOGNITION_MODELS, recognitionModel } from '../../domain/recognition-model.ts';
import type { Settings } from '../../domain/settings.ts';
import { tables } from '../../storage/names.ts';
import type { Tables } from '../../storage/tables.ts';
import type { Face } from '../face.ts';
import type { ImageOf } from './copy.ts';
import type { FaceRow, WhichFaces } from './face-index.ts';
import { type EnrolledAt, type Gallery, openGallery } from './gallery.ts';
import type { Maintenance } from './maintain.ts';
import type { Sweep } from './sweep.ts';
import type { FaceLook } from './trace.ts';

/** A model, the service that answers with it, and the faces enrolled with it. */
export interface ModelInUse {
  readonly face: Face;
  readonly gallery: Gallery;
}

/** What is done to enrolled faces alike, whichever models they were enrolled with. */
export type EnrolledFaces = Omit<
  Gallery,
  'enrol' | 'find' | 'findEach' | 'keepOnly' | 'removeAll' | 'index' | 'traces' | 'look' | 'enrolled'
> & {
  /**
   * Takes a job's faces out, but for those with the given keys.
   *
   * @returns those that stay, by the name of the index
   */
  keepOnly(
    jobKey: string,
    faceKeys: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly FaceRow[]>>;
  /** Every enrolled face, or some of them; while two models are in use a face is enrolled twice. */
  enrolled(which?: WhichFaces): AsyncGenerator<EnrolledAt>;
  /** What there is of jobs, for an erasure: see `trace.ts`; `rows` by the name of the index. */
  traces(
    jobKeys: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<{ persisted: number; rows: Record<string, number> }>;
  /** The look through everything of one index, by its name: for an erasure. */
  look(index: string): FaceLook;
};

export interface Galleries {
  /** @param model one of those that there are */
  of(model: string): ModelInUse;
  /**
   * The model that is enrolled and searched with. It may be some seconds old: what another model than the one that
   * counts has found is done again, so nothing but time is lost.
   */
  inUse(): Promise<ModelInUse>;
  /** Says which model that is, once the database has it so, and with which others faces are or were enrolled. */
  use(model: string, others: readonly string[]): Promise<void>;
  /**
   * Whether every process knows by now that faces of this model may have to be taken out: none is enrolled before.
   *
   * @param afterMs how long what a process has read may count there, in milliseconds
   */
  isKnown(model: string, afterMs?: number): Promise<boolean>;
  readonly all: EnrolledFaces;
}

export interface GalleriesDependencies {
  vision: { readonly face: Face };
  storage: { readonly tables: Tables };
  settings: Settings;
  clock: Clock;
  log: Log;
}

/** How long a process goes by what it has read. */
const KNOWN_FOR_MS = 5000;

const ROW = ['model', 'inUse'] as const;

/** Opens the faces of every model; nothing is read before it is asked for. */
export function openGalleries(dependencies: GalleriesDependencies): Galleries {
  const { vision, storage, clock } = dependencies;
  const opened = new Map<string, ModelInUse>();
  const table = storage.tables.table(tables.recognition);
  let known: (Standing & { until: number }) | undefined;

  const of = (model: string): ModelInUse => {
    const before = opened.get(model);
    if (before) return before;
    const face = vision.face.withModel(model);
    const made = { face, gallery: openGallery({ ...dependencies, vision: { face } }) };
    opened.set(model, made);
    return made;
  };
  const read = async (): Promise<Standing> => {
    const { model, others, since } = (await table.get(...ROW))?.columns ?? {};
    const isModel = (id: unknown): id is string =>
      typeof id === 'string' && recognitionModel(id) !== undefined;
    return {
      model: isModel(model) ? model : FIRST_MODEL,
      others: String(others).split(' ').filter(isModel),
      since: Date.parse(String(since)) || 0,
    };
  };
  const standing = async (): Promise<Standing> => {
    if (known === undefined || clock() >= known.until)
      known = { ...(await read()), until: clock() + KNOWN_FOR_MS };
    return known;
  };
  const every = async () => RECOGNITION_MODELS.map(({ id }) => of(id).gallery);
  /** Those that hold faces: the others cost no call. */
  const holding = async () => {
    const { model, others } = await standing();
    return [...new Set([model, ...others])].map((id) => of(id).gallery);
  };

  return {
    of,
    inUse: async () => of((await standing()).model),
    async use(model, others) {
      const before = await read();
      const wanted = others.join(' ');
      if (before.model === model && before.others.join(' ') === wanted) return;
      const grows = others.some((other) => !before.others.includes(other));
      const since = new Date(grows ? clock() : before.since).toISOString();
      await table.upsert(...ROW, { model, others: wanted, since });
      known = undefined;
    },
    async isKnown(model, afterMs = 2 * KNOWN_FOR_MS) {
      const { model: inUse, others, since } = await read();
      return model === inUse || (others.includes(model) && clock() - since >= afterMs);
    },
    all: {
      async keepOnly(jobKey, keys, signal) {
        const staying = new Map<string, readonly FaceRow[]>();
        await each(holding(), async (gallery) => {
          staying.set(gallery.index, await gallery.keepOnly(jobKey, keys, signal));
        });
        return staying;
      },
      removeFaces: (jobKey, keys, signal) =>
        each(every(), (gallery) => gallery.removeFaces(jobKey, keys, signal)),
      erase: (jobs, signal) => each(holding(), (gallery) => gallery.erase(jobs, signal)),
      async traces(jobs, signal) {
        const found = { persisted: 0, rows: {} as Record<string, number> };
        await each(holding(), async (gallery) => {
          const { persisted, rows } = await gallery.traces(jobs, signal);
          found.persisted += persisted;
          found.rows[gallery.index] = rows;
        });
        return found;
      },
      look(index) {
        const found = RECOGNITION_MODELS.map(({ id }) => of(id).gallery).find((one) => one.index === index);
        return (found ?? of(FIRST_MODEL).gallery).look;
      },
      async *enrolled(which) {
        for (const gallery of await every()) yield* gallery.enrolled(which);
      },
      async enrolledOf(jobKey) {
        const found: EnrolledAt[] = [];
        await each(holding(), async (gallery) => {
          found.push(...(await gallery.enrolledOf(jobKey)));
        });
        return found;
      },
      async maintain(imageOf: ImageOf, signal) {
        const sum: Maintenance = { fresh: 0, copied: 0, retired: 0, training: false };
        await each(holding(), async (gallery) => {
          const { fresh, copied, retired, training } = await gallery.maintain(imageOf, signal);
          sum.fresh += fresh;
          sum.copied += copied;
          sum.retired += retired;
          sum.training ||= training;
        });
        return sum;
      },
      async sweep(signal) {
        const sum: Sweep = { suspected: 0, deleted: 0, dropped: 0 };
        await each(every(), async (gallery) => {
          const { suspected, deleted, dropped } = await gallery.sweep(signal);
          sum.suspected += suspected;
          sum.deleted += deleted;
          sum.dropped += dropped;
        });
        return sum;
      },
    },
  };
}

/** What the row says: the model in use, others that faces are or were enrolled with, since when. */
interface Standing {
  readonly model: string;
  readonly others: readonly string[];
  readonly since: number;
}

async function each(
  galleries: Promise<readonly Gallery[]>,
  work: (gallery: Gallery) => Promise<void>,
): Promise<void> {
  for (const gallery of await galleries) await work(gallery);
}
