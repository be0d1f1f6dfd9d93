import { onTestFinished } from 'vitest';
import { silentLog } from '../../../src/domain/ports.ts';
import type { Settings } from '../../../src/domain/settings.ts';
import { createEngine } from '../../../src/local/vision/engine.ts';
import type { EngineLimits } from '../../../src/local/vision/options.ts';
import { openStorage } from '../../../src/storage/account.ts';
import type { Table, Tables } from '../../../src/storage/tables.ts';
import type { Face } from '../../../src/vision/face.ts';
import type { FaceLists } from '../../../src/vision/face-lists.ts';
import type { FaceMatch } from '../../../src/vision/gallery/find.ts';
import { type Gallery, openGallery } from '../../../src/vision/gallery/gallery.ts';
import { createFakeAnalyzer, portrait } from '../../local/vision/fake-analyzer.ts';
import { type EngineProxy, startEngineProxy } from '../support/engine-proxy.ts';
import { never, settingsFor, visionFor } from '../support/fixtures.ts';

let environments = 0;

interface Photo {
  /** Also its job id and its job key. */
  name: string;
  bytes: Buffer;
  people: number[];
}

/** A photograph of these people, whose job is called `name`. */
export const photo = (name: string, ...people: number[]): Photo => ({
  name,
  bytes: portrait(...people),
  people,
});

export interface HarnessOptions {
  limits?: Partial<EngineLimits>;
  settings?: Record<string, string>;
  trainingMs?: number;
}

interface Parts {
  proxy: EngineProxy;
  engineUrl: string;
  faceIndex: Table;
  face: Face;
  settings: Settings;
  clock: () => number;
  advance: (ms: number) => void;
}

/** Asked before every call to storage or to the service; what it throws, the call throws: a process that ends there. */
export type Gate = (call: string) => Promise<void>;

/** An environment of its own: a gallery over the real storage emulator and the real engine, on a clock that tests move. */
export class Harness {
  readonly gallery: Gallery;
  readonly proxy: EngineProxy;
  readonly engineUrl: string;
  readonly faceIndex: Table;
  readonly now: () => number;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.proxy = parts.proxy;
    this.engineUrl = parts.engineUrl;
    this.faceIndex = parts.faceIndex;
    this.now = parts.clock;
    this.#parts = parts;
    this.gallery = this.actor(() => Promise.resolve());
  }

  static async open(connectionString: string, options: HarnessOptions = {}): Promise<Harness> {
    let now = Date.parse('2026-11-01T12:00:00Z');
    const clock = () => now;
    const engine = createEngine({
      analyzer: createFakeAnalyzer(),
      clock,
      trainingMs: options.trainingMs ?? 1000,
      ...(options.limits && { limits: options.limits }),
    });
    const engineUrl = await engine.listen();
    const proxy = await startEngineProxy(engineUrl);
    onTestFinished(async () => {
      await proxy.stub.close();
      await engine.close();
    });
    const storage = await openStorage(settingsFor(undefined, { AzureWebJobsStorage: connectionString }));
    const suffix = `t${process.pid}x${environments++}`;
    await storage.tables.ensure([`faceindex${suffix}`, `throttle${suffix}`]);
    const faceIndex = storage.tables.table(`faceindex${suffix}`);
    const tables = { table: (name: string) => storage.tables.table(`${name}${suffix}`) } as unknown as Tables;
    const more = { FACE_LIST_PREFIX: suffix, ...options.settings };
    const { face } = visionFor(proxy.url, { tables }, more, { clock });
    const advance = (ms: number) => {
      now += ms;
    };
    const settings = settingsFor(proxy.url, more);
    return new Harness({ proxy, engineUrl, faceIndex, face, settings, clock, advance });
  }

  /** Another process: a gallery of the same environment, each of whose calls asks the gate first. */
  actor(gate: Gate): Gallery {
    const { face, faceIndex, settings, clock } = this.#parts;
    const tables = { table: () => gatedTable(faceIndex, gate) } as unknown as Tables;
    return openGallery({
      vision: { face: gatedFace(face, gate) },
      storage: { tables },
      settings,
      clock,
      log: silentLog,
    });
  }

  detect(image: Photo) {
    return this.#parts.face.detect(image.bytes, { faceId: true }, never);
  }

  /** Lets time pass, for the engine's trainings and for the gallery's ages alike. */
  advance(ms: number): void {
    this.#parts.advance(ms);
  }

  /** What the step does: enrols every face. @returns their face ids, largest face first */
  async enrol(image: Photo, gallery = this.gallery): Promise<string[]> {
    const faces = await this.detect(image);
    for (const [index, face] of faces.entries()) {
      const about = {
        key: `${image.name}-${index + 1}`,
        ...identityOf(image),
        rectangle: face.faceRectangle,
      };
      await gallery.enrol(about, image.bytes, never);
    }
    return faces.map((face) => face.faceId ?? '');
  }

  find(image: Photo, faceId: string, max = 20, gallery = this.gallery): Promise<FaceMatch[]> {
    return gallery.find(faceId, { jobKey: image.name, imageUrl: identityOf(image).imageUrl, max }, never);
  }

  /** Enrols, then finds. @returns names of the photographs found, for each face */
  async match(image: Photo, gallery = this.gallery): Promise<string[][]> {
    const ids = await this.enrol(image, gallery);
    const found: string[][] = [];
    for (const id of ids) found.push((await this.find(image, id, 20, gallery)).map((match) => match.jobId));
    return found;
  }

  /** Names of the photographs that a face which is not enrolled finds. */
  async lookFor(person: number): Promise<string[]> {
    const probe = photo('probe', person);
    const [face] = await this.detect(probe);
    return (await this.find(probe, face?.faceId ?? '')).map((match) => match.faceKey).sort();
  }

  maintain(images: readonly Photo[], gallery = this.gallery) {
    const imageOf = async ({ jobId }: { jobId: string }) => images.find(({ name }) => name === jobId)?.bytes;
    return gallery.maintain(imageOf, never);
  }

  /** Lets maintenance run until nothing is left to do. */
  async settle(images: readonly Photo[]): Promise<void> {
    for (let round = 0; round < 30; round++) {
      const { training, copied, retired } = await this.maintain(images);
      if (!training && copied === 0 && retired === 0) return;
      this.advance(1000);
    }
    throw new Error('Maintenance did not come to an end.');
  }

  /** Sweeps twice, far enough apart for what nobody owns to go. */
  async sweep() {
    await this.gallery.sweep(never);
    this.advance(16 * 60_000);
    return this.gallery.sweep(never);
  }

  /** What the service holds: user data of each persisted face, by tier. */
  async persisted(): Promise<{ fresh: string[]; large: string[] }> {
    const held = { fresh: [] as string[], large: [] as string[] };
    for await (const row of this.faceIndex.list({ partitionKey: 'lists' })) {
      const tier = row.columns.tier as 'fresh' | 'large';
      const path =
        tier === 'fresh' ? `facelists/${row.rowKey}` : `largefacelists/${row.rowKey}/persistedfaces`;
      const answer = (await (await fetch(`${this.proxy.url}/face/v1.0/${path}`)).json()) as unknown;
      const faces = tier === 'fresh' ? (answer as { persistedFaces?: unknown }).persistedFaces : answer;
      if (Array.isArray(faces)) held[tier].push(...faces.map(({ userData }) => userData as string));
    }
    return { fresh: held.fresh.sort(), large: held.large.sort() };
  }

  /** Calls to the service since `work` began. */
  async callsOf(work: () => Promise<unknown>): Promise<string[]> {
    const before = this.proxy.calls.length;
    await work();
    return this.proxy.calls.slice(before);
  }
}

export const identityOf = ({ name }: Photo) => ({
  jobId: name,
  batchId: 'default',
  imageUrl: `http://storage/inputimages/${name}.jpg`,
});

function gatedTable(table: Table, gate: Gate): Table {
  const gated = new Set(['get', 'insert', 'update', 'upsert', 'delete']);
  return new Proxy(table, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (name === 'list') {
        return async function* (...args: Parameters<Table['list']>) {
          await gate('list');
          yield* target.list(...args);
        };
      }
      if (!gated.has(String(name))) return member.bind(target);
      return async (...args: unknown[]) => {
        await gate(String(name));
        return member.apply(target, args);
      };
    },
  });
}

function gatedFace(face: Face, gate: Gate): Face {
  return {
    ...face,
    findSimilar: gated(face.findSimilar, gate, 'find similar'),
    lists: gatedLists(face.lists, gate),
    largeLists: gatedLists(face.largeLists, gate),
  };
}

function gatedLists(lists: FaceLists, gate: Gate): FaceLists {
  return {
    create: gated(lists.create, gate, 'create'),
    add: gated(lists.add, gate, 'add'),
    remove: gated(lists.remove, gate, 'remove'),
    drop: gated(lists.drop, gate, 'drop'),
    has: (...args) => gate('has').then(() => lists.has(...args)),
    async *pages(...args) {
      await gate('pages');
      yield* lists.pages(...args);
    },
    train: gated(lists.train, gate, 'train'),
    training: gated(lists.training, gate, 'training'),
  };
}

const gated =
  <Args extends unknown[], T>(call: (...args: Args) => Promise<T>, gate: Gate, name: string) =>
  async (...args: Args): Promise<T> => {
    await gate(name);
    return call(...args);
  };
