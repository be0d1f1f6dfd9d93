import { createHash } from 'node:crypto';
import type { Database } from '../../../src/database/database.ts';
import { sql } from '../../../src/database/sql.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { RECOGNITION_MODELS } from '../../../src/domain/recognition-model.ts';
import { ModelSwitch } from '../../../src/people/models/switch.ts';
import { ModelWorkList } from '../../../src/people/models/work-list.ts';
import { People } from '../../../src/people/people.ts';
import { SqlResultStore } from '../../../src/results/sql-result-store.ts';
import { enrolAnew } from '../../../src/steps/enrol-anew.ts';
import type { Face } from '../../../src/vision/face.ts';
import type { FindOptions } from '../../../src/vision/gallery/find.ts';
import type { Galleries, ModelInUse } from '../../../src/vision/gallery/galleries.ts';
import { box, face, image, imageUrl, match } from '../../results/fixtures.ts';

export const THRESHOLD = 0.5;

/** How alike two faces are to a model: each has its own opinion, and no two pairs the same score. */
export function scoreOf(model: string, a: string, b: string): number {
  const digest = createHash('sha256')
    .update([model, ...[a, b].sort()].join('|'))
    .digest();
  return Math.round((digest.readUInt32BE(0) / 2 ** 32) * 1e6) / 1e6;
}

/** Called before each call to the service or to the index; what it throws ends the process. */
export type Gate = () => void;

/** A Face service of several models, which refuses what the real one refuses: a print of one among those of another. */
export class PlayedService {
  readonly enrolled = new Map<string, Map<string, { imageId: string; batchId: string }>>(
    RECOGNITION_MODELS.map(({ id }) => [id, new Map()]),
  );
  inUse = 'recognition_04';
  others: readonly string[] = [];
  /** Searches across models: there may be none. */
  crossed = 0;

  /** @param gate of the process that calls */
  galleries(gate: Gate = () => {}): Galleries {
    const of = (model: string): ModelInUse => {
      const held = this.enrolled.get(model) ?? new Map<string, { imageId: string; batchId: string }>();
      const remove = (isMeant: (key: string) => boolean) => {
        for (const key of [...held.keys()]) if (isMeant(key)) held.delete(key);
      };
      return {
        face: {
          model,
          detect: async (bytes: Buffer) => {
            gate();
            return [{ faceId: `${model}|${bytes.toString()}-0`, faceRectangle: box(10) }];
          },
        } as unknown as Face,
        gallery: {
          enrol: async ({
            key,
            jobId: imageId,
            batchId,
          }: {
            key: string;
            jobId: string;
            batchId: string;
          }) => {
            gate();
            held.set(key, { imageId, batchId });
          },
          find: async (faceId: string, { jobKey }: FindOptions) => {
            gate();
            const [printedBy = '', key = ''] = faceId.split('|');
            if (printedBy !== model) this.crossed += 1;
            return [...held]
              .filter(([, { imageId }]) => imageId !== jobKey)
              .map(([other, { imageId, batchId }]) => ({
                ...{ faceKey: other, jobId: imageId, batchId, imageUrl: imageUrl(imageId) },
                ...{ rectangle: box(10), confidence: scoreOf(model, key, other) },
              }))
              .filter(({ confidence }) => confidence >= THRESHOLD);
          },
          keepOnly: async (jobKey: string, keys: readonly string[]) => {
            gate();
            remove((key) => held.get(key)?.imageId === jobKey && !keys.includes(key));
          },
          removeFaces: async (_: string, keys: readonly string[]) => {
            gate();
            remove((key) => keys.includes(key));
          },
          removeAll: async () => {
            gate();
            held.clear();
            return true;
          },
          async *enrolled() {
            gate();
            for (const key of [...held.keys()]) yield { key, at: 0 };
          },
        },
      } as unknown as ModelInUse;
    };
    return {
      of,
      inUse: async () => of(this.inUse),
      use: async (model: string, others: readonly string[]) => {
        gate();
        this.inUse = model;
        this.others = others;
      },
      isKnown: async () => true,
    } as unknown as Galleries;
  }
}

/** What goes on while an archive is switched from one model to another, over a real database. */
export class ModelsWorld {
  readonly service = new PlayedService();
  readonly store: SqlResultStore;
  readonly people: People;
  readonly models: ModelSwitch;
  readonly list: ModelWorkList;
  now = Date.parse('2026-11-01T12:00:00Z');
  /** Images whose file is gone. */
  readonly lost = new Set<string>();

  constructor(database: Database) {
    const clock = () => this.now++;
    this.store = new SqlResultStore(database, clock);
    this.people = new People(database, { clock });
    this.models = new ModelSwitch(database, clock);
    this.list = new ModelWorkList(database, clock);
  }

  /** What the steps do with a photograph of one face. @param model that its process takes for the one in use */
  async photograph(id: string, model: string = this.service.inUse, run = 0): Promise<void> {
    const { gallery } = this.service.galleries().of(model);
    const key = `${id}-0`;
    const about = { jobId: id, batchId: 'batch', imageUrl: imageUrl(id), rectangle: box(10) };
    await gallery.enrol({ key, ...about }, Buffer.from(id), new AbortController().signal);
    const found = await gallery.find(
      `${model}|${key}`,
      { jobKey: id, imageUrl: imageUrl(id), max: 100 },
      new AbortController().signal,
    );
    await this.store.save(
      image(id, {
        ...{ run, model, faces: [face(key)] },
        matches: found.map(({ jobId, confidence }) => match(id, jobId, confidence)),
      }),
    );
    await this.people.settle([id]);
  }

  /** One run of the timer. @param database and @param gate as the process sees them that makes it */
  async proceed(database: Database = this.store.database, gate: Gate = () => {}) {
    const clock = () => this.now++;
    return enrolAnew(
      {
        models: new ModelSwitch(database, clock),
        list: new ModelWorkList(database, clock),
        galleries: this.service.galleries(gate),
        people: new People(database, { clock }),
        batches: { get: async () => undefined },
        results: new SqlResultStore(database, clock),
        ...{ clock, log: silentLog, until: () => false, settleMs: 0 },
        imageOf: async (_, id) => (this.lost.has(id) ? undefined : Buffer.from(id)),
      },
      new AbortController().signal,
    );
  }

  /** Runs the timer until nothing is left to do. */
  async settle(): Promise<void> {
    for (let runs = 0; runs < 20; runs += 1) {
      await this.proceed();
      const { phase } = await this.models.state();
      if ((await this.list.progress()).left === 0 && phase !== 'retiring' && phase !== 'exchanging') break;
    }
    await this.people.settleAll();
  }

  /** Pairs that stand in a table. */
  async pairs(table: 'face_match' | 'model_pair' = 'face_match') {
    const [rows = []] = await this.store.database.read([
      { parts: [`SELECT face_a, face_b, confidence, model, verdict FROM ${table}`], parameters: [] },
    ]);
    return rows.map((row) => ({
      faces: [row.face_a as string, row.face_b as string] as const,
      confidence: row.confidence as number,
      model: row.model as string,
      verdict: row.verdict as string | null,
    }));
  }

  async decided(): Promise<string[]> {
    const [rows = []] = await this.store.database.read([
      sql`SELECT face_a, face_b, verdict FROM match_decision WHERE verdict <> 'undecided'`,
    ]);
    return rows.map(({ face_a, face_b, verdict }) => `${face_a} ${verdict} ${face_b}`).sort();
  }
}
