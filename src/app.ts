import type { AuditTrail } from './audit/trail.ts';
import { ImageChangedError } from './domain/errors.ts';
import { type Identity, openIdentity } from './domain/identity.ts';
import { type Log, silentLog } from './domain/ports.ts';
import { ServiceBreaker } from './domain/service-breaker.ts';
import { readSettings, type Settings } from './domain/settings.ts';
import { Eraser } from './erasure/eraser.ts';
import { Admission } from './pipeline/admission/admission.ts';
import { BatchSettings } from './pipeline/admission/batch-settings.ts';
import { DefinitionError, Registry } from './pipeline/definition/registry.ts';
import { PipelineHelper } from './pipeline/delivery/helper.ts';
import { openImage } from './pipeline/delivery/image.ts';
import { Pauses } from './pipeline/delivery/pauses.ts';
import { DeadLetters } from './pipeline/journal/dead-letters.ts';
import { Journal } from './pipeline/journal/journal.ts';
import { ClaimCheck } from './pipeline/message/claim-check.ts';
import { Poison } from './pipeline/rescue/poison.ts';
import { Reconciler } from './pipeline/rescue/reconcile.ts';
import { walkInTable } from './pipeline/rescue/walk.ts';
import { openResultStore } from './results/open.ts';
import type { ResultStore } from './results/store.ts';
import { openSteps } from './steps/index.ts';
import { openStorage, type StorageAccount } from './storage/account.ts';
import { ensureAll } from './storage/ensure.ts';
import { containers, EVENTS_QUEUE, poisonQueue, tables } from './storage/names.ts';
import { Preparation } from './storage/preparation.ts';
import { ServiceTroubles } from './storage/service-troubles.ts';
import { telemetryOf } from './telemetry/open.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { type Gallery, openGallery } from './vision/gallery/gallery.ts';
import { openVision, type Vision } from './vision/open.ts';

/** The parts of the app, put together once per process: what function files, API and command line share. */
export interface App {
  readonly settings: Settings;
  readonly storage: StorageAccount;
  readonly journal: Journal;
  readonly claimCheck: ClaimCheck;
  readonly deadLetters: DeadLetters;
  readonly registry: Registry;
  /** Today's `PIPELINE_DEFINITION`, checked; empty where it is refused. */
  readonly pipeline: string[];
  /** What is wrong with it. */
  readonly refusal: DefinitionError | undefined;
  readonly admission: Admission;
  readonly helper: PipelineHelper;
  readonly poison: Poison;
  readonly pauses: Pauses;
  /** Which services are in trouble, as far as any process has seen. */
  readonly troubles: Pick<ServiceTroubles, 'list'>;
  /** What is said of batches. */
  readonly batches: BatchSettings;
  readonly clock: () => number;
  readonly random: () => number;
  readonly telemetry: Telemetry;
  /**
   * @param minAgeMs younger blobs are left to Event Grid
   * @param budgetMs longest time of a run: what it leaves, the next goes on with, in whatever process that is
   */
  reconciler(minAgeMs: number, budgetMs?: number): Reconciler;
  vision(): Vision;
  gallery(): Gallery;
  /** The result store, opened and brought to its schema at the first use. */
  results(): Promise<ResultStore>;
  /** Who did what: kept in the result store. */
  readonly audit: Pick<AuditTrail, 'record'>;
  /** The working image of a job, or undefined where it is no longer the admitted version. */
  imageOf(batchId: string, jobId: string, signal: AbortSignal): Promise<Buffer | undefined>;
  /** Erases images with everything made of them. */
  eraser(log: Log): Eraser;
  /** Creates the containers, queues and tables that do not exist yet. */
  ensure(): Promise<void>;
  /** `ensure`, tried until it succeeds. */
  readonly preparation: Preparation;
  close(): Promise<void>;
}

/**
 * Puts the app together from its settings. Connects to nothing but reads and checks everything, so that a wrong
 * setting is refused here with a sentence that says what to change.
 *
 * @throws {SettingsError} @throws {DefinitionError}
 */
export async function openApp(
  env: Readonly<Record<string, string | undefined>>,
  log: Log = silentLog,
  signIn?: Identity,
): Promise<App> {
  const app = await openForAdministration(env, log, signIn);
  if (app.refusal === undefined) return app;
  await app.close();
  throw app.refusal;
}

/**
 * The same, where a wrong `PIPELINE_DEFINITION` is to be told of: such an app can show and erase what there is.
 *
 * @throws {SettingsError} @throws {DefinitionError} where the steps themselves are wrong
 */
export async function openForAdministration(
  env: Readonly<Record<string, string | undefined>>,
  log: Log = silentLog,
  signIn?: Identity,
): Promise<App> {
  const settings = readSettings(env);
  const identity = signIn ?? openIdentity(settings.AZURE_CLIENT_ID);
  const clock = Date.now;
  const random = Math.random;
  const [storage, telemetry] = await Promise.all([
    openStorage(settings, identity),
    telemetryOf(settings, identity),
  ]);

  const troubles = new ServiceTroubles(storage.tables.table(tables.throttle), clock);
  const breaker = new ServiceBreaker(clock, (failure, isOpen) => troubles.tell(failure, isOpen));
  const vision = once(() => openVision(settings, { storage, clock, log, identity, telemetry, breaker }));
  const gallery = once(() => openGallery({ vision: vision(), storage, settings, clock, log }));
  const results = onceResolved(async () => {
    const store = await openResultStore(settings, { identity });
    await store.migrate();
    return store;
  });

  const batches = new BatchSettings(storage, clock);
  const registry = new Registry(
    await openSteps({
      ...{ vision, gallery, clock, batches },
      ...{ results: results.get, blobs: storage.blobs, tables: storage.tables },
    }),
  );
  const { pipeline, refusal } = definitionOf(registry, settings);
  const journal = new Journal(storage, clock);
  const claimCheck = new ClaimCheck(storage.blobs);
  const deadLetters = new DeadLetters(storage, clock);
  const shared = { storage, journal, claimCheck, deadLetters, registry, settings, clock, random, telemetry };
  const admission = new Admission({
    ...shared,
    batches,
    fetchImage: async (url) => {
      const { fetchForeignImage } = await import('./imaging/foreign/fetch.ts');
      return fetchForeignImage(url, {
        allowedHosts: settings.ALLOWED_IMAGE_HOSTS,
        maxBytes: settings.MAX_IMAGE_BYTES,
        signal: AbortSignal.timeout(60_000),
      });
    },
  });
  const pauses = new Pauses(storage, clock);
  const helper = new PipelineHelper({ ...shared, admission, pauses, breaker });

  const queues = [EVENTS_QUEUE, ...registry.names];
  const needed = {
    ...{ containers: Object.values(containers), tables: Object.values(tables) },
    queues: [...queues, ...queues.map(poisonQueue)],
  };

  const app: App = {
    ...shared,
    ...{ pipeline, refusal, troubles },
    admission,
    helper,
    pauses,
    batches,
    poison: new Poison({ ...shared, admission, helper }),
    reconciler: (minAgeMs, budgetMs) =>
      new Reconciler({
        ...{ storage, journal, clock, minAgeMs },
        ...(budgetMs !== undefined && { budgetMs, memory: walkInTable(storage) }),
      }),
    vision,
    gallery,
    results: results.get,
    // The one place where the audit is told who erased what: `record`.
    eraser: (erasureLog) =>
      new Eraser({
        app,
        log: erasureLog,
        record: ({ by, ...detail }) =>
          app.audit.record({ who: by, action: 'data.erased', detail: { ...detail } }),
      }),
    audit: { record: async (request) => (await results.get()).audit.record(request) },
    imageOf: async (batchId, jobId, signal) => {
      const entry = await journal.read(batchId, jobId);
      if (!entry?.job.image) return undefined;
      try {
        return await openImage(entry.job, storage.blobs, signal).bytes();
      } catch (error) {
        if (error instanceof ImageChangedError) return undefined;
        throw error;
      }
    },
    ensure: () => ensureAll(storage, needed, clock),
    // One round at a time: it waits between its rounds itself, and says at once what the first has met.
    preparation: new Preparation(() => ensureAll(storage, needed, clock, []), clock),
    close: async () => {
      const store = await results.current();
      await troubles.told();
      await store?.close();
      await telemetry.close();
    },
  };
  return app;
}

function definitionOf(registry: Registry, settings: Settings): Pick<App, 'pipeline' | 'refusal'> {
  try {
    return { pipeline: registry.definition(settings.PIPELINE_DEFINITION), refusal: undefined };
  } catch (error) {
    if (error instanceof DefinitionError) return { pipeline: [], refusal: error };
    throw error;
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Makes a thing once; a failure is forgotten, so that the next use tries again. */
function onceResolved<T>(make: () => Promise<T>) {
  let making: Promise<T> | undefined;
  return {
    get: (): Promise<T> => {
      making ??= make().catch((error: unknown) => {
        making = undefined;
        throw error;
      });
      return making;
    },
    current: async (): Promise<T | undefined> => making?.catch(() => undefined),
  };
}
