import { onTestFinished } from 'vitest';
import { createEngine } from '../../../src/local/vision/engine.ts';
import type { EngineLimits } from '../../../src/local/vision/options.ts';
import { silentLog } from '../../../src/ports.ts';
import { openStorage } from '../../../src/storage/account.ts';
import type { Table, Tables } from '../../../src/storage/tables.ts';
import { type FaceMatch, type Gallery, openGallery } from '../../../src/vision/index.ts';
import { createFakeAnalyzer, portrait } from '../../local/vision/fake-analyzer.ts';
import { type EngineProxy, startEngineProxy } from '../support/engineProxy.ts';
import { never, settingsFor, visionFor } from '../support/fixtures.ts';

let environments = 0;

export interface Photo {
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
  /** Wraps the table `faceindex`, to hold it up or to fail it. */
  wrap?: (table: Table) => Table;
}

/** An environment of its own: a gallery over the real storage emulator and the real engine, on a clock that tests move. */
export class Harness {
  readonly gallery: Gallery;
  readonly proxy: EngineProxy;
  readonly faceIndex: Table;
  readonly now: () => number;
  readonly #detect: (bytes: Buffer) => Promise<{ faceId?: string; faceRectangle: Rectangle }[]>;
  readonly #advance: (ms: number) => void;

  private constructor(parts: {
    gallery: Gallery;
    proxy: EngineProxy;
    faceIndex: Table;
    now: () => number;
    advance: (ms: number) => void;
    detect: Harness['#detect'];
  }) {
    this.gallery = parts.gallery;
    this.proxy = parts.proxy;
    this.faceIndex = parts.faceIndex;
    this.now = parts.now;
    this.#advance = parts.advance;
    this.#detect = parts.detect;
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
    const proxy = await startEngineProxy(await engine.listen());
    onTestFinished(async () => {
      await proxy.stub.close();
      await engine.close();
    });
    const storage = await openStorage(settingsFor(undefined, { AzureWebJobsStorage: connectionString }));
    const suffix = `t${process.pid}x${environments++}`;
    await storage.tables.ensure([`faceindex${suffix}`, `throttle${suffix}`]);
    const faceIndex = storage.tables.table(`faceindex${suffix}`);
    const tables = {
      table: (name: string) => {
        const table = storage.tables.table(`${name}${suffix}`);
        return name === 'faceindex' && options.wrap ? options.wrap(table) : table;
      },
    } as unknown as Tables;
    const more = { FACE_LIST_PREFIX: suffix, ...options.settings };
    const { face } = visionFor(proxy.url, { tables }, more, {
      clock,
      after: (ms, run) => afterReal(ms, run),
    });
    const gallery = openGallery({
      vision: { face },
      storage: { tables },
      settings: settingsFor(proxy.url, more),
      clock,
      log: silentLog,
    });
    const detect = (bytes: Buffer) => face.detect(bytes, { faceId: true }, never);
    const advance = (ms: number) => {
      now += ms;
    };
    return new Harness({ gallery, proxy, faceIndex, now: clock, advance, detect });
  }

  /** Lets time pass, for the engine's trainings and for the gallery's ages alike. */
  advance(ms: number): void {
    this.#advance(ms);
  }

  /** What the step does: enrols every face. @returns their face ids, largest face first */
  async enrol(image: Photo): Promise<string[]> {
    const faces = await this.#detect(image.bytes);
    for (const [index, face] of faces.entries()) {
      const about = {
        key: `${image.name}-${index + 1}`,
        ...identityOf(image),
        rectangle: face.faceRectangle,
      };
      await this.gallery.enrol(about, image.bytes, never);
    }
    return faces.map((face) => face.faceId ?? '');
  }

  find(image: Photo, faceId: string, max = 20): Promise<FaceMatch[]> {
    return this.gallery.find(
      faceId,
      { jobKey: image.name, imageUrl: identityOf(image).imageUrl, max },
      never,
    );
  }

  /** Enrols, then finds. @returns names of the photographs found, for each face */
  async match(image: Photo): Promise<string[][]> {
    const ids = await this.enrol(image);
    const found: string[][] = [];
    for (const id of ids) found.push((await this.find(image, id)).map((match) => match.jobId));
    return found;
  }

  /** Names of the photographs that a face which is not enrolled finds. */
  async lookFor(person: number): Promise<string[]> {
    const probe = photo('probe', person);
    const [face] = await this.#detect(probe.bytes);
    return (await this.find(probe, face?.faceId ?? '')).map((match) => match.faceKey).sort();
  }

  maintain(images: readonly Photo[]) {
    const imageOf = async ({ jobId }: { jobId: string }) => images.find(({ name }) => name === jobId)?.bytes;
    return this.gallery.maintain(imageOf, never);
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

interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

export const identityOf = ({ name }: Photo) => ({
  jobId: name,
  batchId: 'default',
  imageUrl: `http://storage/inputimages/${name}.jpg`,
});

function afterReal(ms: number, run: () => void): () => void {
  const handle = setTimeout(run, ms);
  return () => clearTimeout(handle);
}

/** A table whose every operation first asks `gate`; what that throws, the operation throws. */
export function gatedTable(table: Table, gate: (operation: string) => Promise<void>): Table {
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
