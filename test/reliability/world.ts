import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type App, openApp } from '../../src/app.ts';
import { jobIdOf } from '../../src/domain/job-id.ts';
import { toSafeJson } from '../../src/pipeline/message/codec.ts';
import { blobCreatedEvent } from '../../src/pipeline/message/event.ts';
import { containers, EVENTS_QUEUE } from '../../src/storage/names.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';
import { projectRoot } from '../support/project-root.ts';
import { type Child, printed, startChild } from '../support/stack.ts';
import { type Scene, type SceneFormat, scenePhoto } from './standin/scene.ts';
import { sqlAddress, startTcpProxy, type TcpProxy } from './wire/tcp-proxy.ts';
import { Wire } from './wire/wire.ts';

/** An image that was dropped, and what must become of it. */
export interface Dropped {
  readonly name: string;
  readonly jobId: string;
  readonly etag: string;
  /** Absent of what is no image: it must end as a rejected row. */
  readonly scene?: Scene;
}

type Content = { scene: Scene; format?: SceneFormat } | { bytes: Buffer };

interface WorldOptions {
  /** App settings besides the usual ones. */
  readonly env?: Record<string, string>;
  /** The emulator and the engine keep their data on disk, so that they can be restarted. */
  readonly durable?: boolean;
  readonly engineFlags?: readonly string[];
  /** `AzureFunctionsJobHost__` settings of the host. */
  readonly visibilitySeconds?: number;
}

/** Longest wait for anything in these suites: far beyond what a loaded machine needs, short of a hung build. */
const LIMIT_MS = 240_000;

/** Asks until the answer is neither undefined nor false. @throws with `what` and the state when the limit has passed */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { limitMs = LIMIT_MS, state = () => '' as string | Promise<string> } = {},
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline)
      throw new Error(`${what}: not so after ${limitMs / 1000} s.\n${await state()}`);
    await pause(50);
  }
}

/**
 * Everything the pipeline runs on, with the wire in between: emulator, stand-in engine, hosts as processes that can be
 * killed. `app` looks at it all from outside, past the proxy.
 */
export class World {
  readonly folder: string;
  readonly wire: Wire;
  readonly app: App;
  readonly env: Record<string, string>;
  readonly visibilitySeconds: number;
  emulator: Emulator;
  engine: Child;
  readonly hosts: Child[] = [];
  #observer: App | undefined;
  /**
   * Before SQL Server, where `TEST_SQL_CONNECTION_STRING` names one: results then go there instead of to SQLite. Only
   * hosts take this way.
   */
  readonly sqlProxy: TcpProxy | undefined;
  /** On that server, of this world alone. */
  readonly database: OwnDatabase | undefined;
  readonly #engineFlags: readonly string[];

  private constructor(
    parts: Pick<
      World,
      | 'folder'
      | 'wire'
      | 'app'
      | 'env'
      | 'visibilitySeconds'
      | 'emulator'
      | 'engine'
      | 'sqlProxy'
      | 'database'
    > & {
      engineFlags: readonly string[];
    },
  ) {
    this.folder = parts.folder;
    this.wire = parts.wire;
    this.app = parts.app;
    this.env = parts.env;
    this.visibilitySeconds = parts.visibilitySeconds;
    this.emulator = parts.emulator;
    this.engine = parts.engine;
    this.sqlProxy = parts.sqlProxy;
    this.database = parts.database;
    this.#engineFlags = parts.engineFlags;
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'imaginem-world-'));
    const engineFlags = [
      ...(options.durable ? ['--data', join(folder, 'engine')] : []),
      ...(options.engineFlags ?? []),
    ];
    const [emulator, engine] = await Promise.all([
      startEmulator(options.durable ? { location: join(folder, 'emulator') } : {}),
      startStandIn(engineFlags),
    ]);
    const wire = await Wire.open(emulator, engine.url);
    const env: Record<string, string> = {
      AzureWebJobsStorage: wire.connectionString(emulator),
      COMPUTER_VISION_ENDPOINT: wire.engineUrl,
      COMPUTER_VISION_KEY: 'local',
      COMPUTER_VISION_CALLS_PER_SECOND: '1000',
      FACE_ENDPOINT: wire.engineUrl,
      FACE_KEY: 'local',
      FACE_CALLS_PER_SECOND: '1000',
      SQLITE_PATH: join(folder, 'results.db'),
      RETRY_BASE_SECONDS: '0.2',
      RETRY_MAX_SECONDS: '2',
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
      ...options.env,
    };
    const database = await ownDatabase();
    const sqlProxy = database && (await beforeSqlServer(database, env, wire));
    const app = await openApp(pastTheWire(env, emulator, database));
    await app.ensure();
    return new World({
      folder,
      wire,
      app,
      env,
      emulator,
      engine: engine.child,
      engineFlags,
      sqlProxy,
      database,
      visibilitySeconds: options.visibilitySeconds ?? 2,
    });
  }

  /** Starts a host; resolves when it is ready. @param extra app settings of this one alone */
  async startHost(extra: Record<string, string> = {}): Promise<Child> {
    const args = [
      '--app',
      projectRoot,
      '--visibility-timeout',
      String(this.visibilitySeconds),
      '--max-polling-interval',
      '200',
    ];
    const host = startChild('dist/src/local/host/main.js', args, {
      ...process.env,
      ...this.env,
      ...extra,
    });
    this.hosts.push(host);
    const ended = once(host.process, 'exit').then(() => 'ended' as const);
    const ready = once(host.process, 'message').then(() => 'ready' as const);
    if ((await Promise.race([ready, ended])) === 'ended' && host.process.signalCode === null) {
      throw new Error(`A host ended before it was ready:\n${host.output()}`);
    }
    return host;
  }

  /** Writes an image into the input container, as an operator does. */
  async put(name: string, content: Content): Promise<Dropped> {
    const bytes = 'scene' in content ? await scenePhoto(content.scene, content.format) : content.bytes;
    const etag = await this.observer.storage.blobs.write(
      containers.input,
      name,
      bytes,
      'application/octet-stream',
    );
    const dropped = {
      name,
      etag,
      jobId: jobIdOf(containers.input, name, etag),
      ...('scene' in content && { scene: content.scene }),
    };
    return dropped;
  }

  /** Writes an image and announces it, as Event Grid does. */
  async drop(name: string, content: Content): Promise<Dropped> {
    const dropped = await this.put(name, content);
    await this.announce(dropped);
    return dropped;
  }

  async announce({ name, etag }: Pick<Dropped, 'name' | 'etag'>): Promise<void> {
    const { storage } = this.observer;
    const url = storage.blobs.url(containers.input, name);
    const event = blobCreatedEvent({ name, etag, bytes: 0, url }, new Date());
    await storage.queues.send(EVENTS_QUEUE, toSafeJson(event));
  }

  /** Looks from outside, past the proxy; made anew when the emulator has moved. */
  get observer(): App {
    return this.#observer ?? this.app;
  }

  /** Stops the emulator, its data saved, and starts it again on the same data. Meanwhile its clients are refused. */
  async restartEmulator(downMs: number): Promise<void> {
    await this.wire.cut('blob', 'queue', 'table');
    await this.emulator.stop();
    await pause(downMs);
    this.emulator = await startEmulator({ location: join(this.folder, 'emulator') });
    const old = this.#observer;
    this.#observer = await openApp(pastTheWire(this.env, this.emulator, this.database));
    await old?.close();
    this.wire.aimAtStorage(this.emulator);
  }

  /** Kills the engine and starts it again on the same data. */
  async restartEngine(downMs: number): Promise<void> {
    this.wire.aimAtEngine('http://127.0.0.1:1');
    await this.engine.stop('SIGKILL');
    await pause(downMs);
    const engine = await startStandIn(this.#engineFlags);
    this.engine = engine.child;
    this.wire.aimAtEngine(engine.url);
  }

  /** Where the stand-in engine listens, past the wire. */
  get engineUrl(): string {
    return /listening on (\S+)/.exec(this.engine.output())?.[1] ?? '';
  }

  /** App settings of other processes than hosts: see `sqlProxy`. */
  get outsideEnv(): Record<string, string> {
    return pastTheWire(this.env, this.emulator, this.database);
  }

  /** The ends of what the living and the last dead hosts said. */
  output(): string {
    return this.hosts
      .slice(-2)
      .map((host) => host.output().slice(-6000))
      .join('\n--- next host\n');
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.stop('SIGKILL')));
    await this.engine.stop('SIGKILL');
    await this.#observer?.close();
    await this.app.close();
    await this.wire.close();
    await this.sqlProxy?.close();
    await this.database?.drop();
    await this.emulator.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The settings of one who looks from outside: nothing that it asks is a request of the app. */
const pastTheWire = (
  env: Record<string, string>,
  { connectionString }: Emulator,
  database: OwnDatabase | undefined,
): Record<string, string> => ({
  ...env,
  AzureWebJobsStorage: connectionString,
  ...(database && { SQL_CONNECTION_STRING: database.connectionString }),
});

/** Puts a proxy before SQL Server and its address into the app settings. */
async function beforeSqlServer(
  { connectionString }: OwnDatabase,
  env: Record<string, string>,
  wire: Wire,
): Promise<TcpProxy> {
  const address = sqlAddress(connectionString);
  const proxy = await startTcpProxy(address, wire.database);
  env.SQL_CONNECTION_STRING = address.via(proxy.port);
  return proxy;
}

async function startStandIn(flags: readonly string[]): Promise<{ child: Child; url: string }> {
  const child = startChild('test/reliability/standin/engine-main.ts', [
    '--port',
    '0',
    '--training-ms',
    '50',
    ...flags,
  ]);
  const [, url = ''] = await printed(child, /vision engine listening on (\S+)/);
  return { child, url };
}
