import type { AuditTrail } from './audit/trail.ts';
import { ImageChangedError } from './domain/errors.ts';
import { type Identity, openIdentity } from './domain/identity.ts';
import { jobKey } from './domain/job-id.ts';
import { figuresFor } from './domain/match-worth.ts';
import { once } from './domain/once.ts';
import { type Clock, type Log, type Random, silentLog } from './domain/ports.ts';
import { ServiceBreaker } from './domain/service-breaker.ts';
import { readSettings, type Settings } from './domain/settings.ts';
import type { AnyStep } from './domain/step.ts';
import type { Eraser } from './erasure/eraser.ts';
import { decodeBudget } from './imaging/decode-budget.ts';
import type { CalibrationLedger } from './people/calibration/ledger.ts';
import type { ReviewerMeasuring } from './people/calibration/measuring.ts';
import type { EnrolledFace } from './people/calibration/sampling.ts';
import { openPeople, type PeopleParts } from './people/open.ts';
import type { PfifLedger } from './people/pfif/ledger.ts';
import { Admission } from './pipeline/admission/admission.ts';
import { BatchSettings } from './pipeline/admission/batch-settings.ts';
import { barredFromSearch } from './pipeline/admission/current-consent.ts';
import type { FetchImage } from './pipeline/admission/foreign-images.ts';
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
import type { ResultStore } from './results/store.ts';
import { openSteps } from './steps/index.ts';
import type { ModelParts } from './steps/open-models.ts';
import type { StepServices } from './steps/services.ts';
import { openStorage, type StorageAccount } from './storage/account.ts';
import { ensureAll } from './storage/ensure.ts';
import { allQueues, containers, tables } from './storage/names.ts';
import { Preparation } from './storage/preparation.ts';
import { ServiceTroubles } from './storage/service-troubles.ts';
import { telemetryOf } from './telemetry/open.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { openReceiver } from './telling/open.ts';
import { Telling } from './telling/telling.ts';
import type { FaceMatch, FindOptions } from './vision/gallery/find.ts';
import { type EnrolledFaces, type ModelInUse, openGalleries } from './vision/gallery/galleries.ts';
import { openVision, type Vision } from './vision/open.ts';

/** The parts of the app, put together once per process: what function files, API and command line share. */
export interface App extends PeopleParts {
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
  /** The terms of each batch. */
  readonly batches: BatchSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /**
   * @param minAgeMs younger blobs are left to Event Grid
   * @param budgetMs longest time of a run: what it leaves, the next goes on with, in whatever process that is
   */
  reconciler(minAgeMs: number, budgetMs?: number): Reconciler;
  vision(): Vision;
  /** Every enrolled face, whatever model it was enrolled with. */
  gallery(): EnrolledFaces;
  /** The model that faces are enrolled and searched with. */
  recognition(): Promise<ModelInUse>;
  /** Models side by side. */
  models(): Promise<ModelParts & { readonly audit: Pick<AuditTrail, 'record'> }>;
  /** The result store, opened and brought to its schema at the first use. */
  results(): Promise<ResultStore>;
  /** Tells others of candidates. */
  readonly telling: Telling;
  /** Who did what: kept in the result store. */
  readonly audit: Pick<AuditTrail, 'record'>;
  /** What it takes to find out what a match is worth. */
  calibration(): Promise<CalibrationParts>;
  /** Records of other organisations. */
  pfif(): Promise<PfifLedger>;
  /** Fetches an image from an allowed host. */
  readonly fetchImage: FetchImage;
  /** The working image of a job, or undefined where it is no longer the admitted version. */
  imageOf(batchId: string, jobId: string, signal: AbortSignal): Promise<Buffer | undefined>;
  /** Erases images with everything made of them. */
  eraser(log: Log): Promise<Eraser>;
  /** Creates the containers, queues and tables that do not exist yet. */
  ensure(): Promise<void>;
  /** `ensure`, tried until it succeeds. */
  readonly preparation: Preparation;
  close(): Promise<void>;
}

/** What it takes to find out what a match is worth. */
interface CalibrationParts {
  readonly ledger: CalibrationLedger;
  /** Of reviewers who agreed to it. */
  readonly measuring: ReviewerMeasuring;
  /** Of the recognition: no calibration holds for another one. */
  readonly model: string;
  readonly threshold: number;
  readonly audit: Pick<AuditTrail, 'record'>;
  /** Neighbours of an enrolled face; undefined where it cannot be searched any more. */
  search(
    face: EnrolledFace,
    options: Pick<FindOptions, 'atLeast' | 'max'>,
    signal: AbortSignal,
  ): Promise<FaceMatch[] | undefined>;
}

/** What somebody decides in the app's place, tests above all: everything else is put together as it always is. */
export interface Given {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly telemetry?: Telemetry;
  /** In place of the steps this version has. */
  readonly steps?: readonly AnyStep[];
  readonly fetchImage?: FetchImage;
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
  given: Given = {},
): Promise<App> {
  const app = await openForAdministration(env, log, signIn, given);
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
  given: Given = {},
): Promise<App> {
  const settings = readSettings(env);
  decodeBudget.limit = settings.MAX_DECODE_BYTES;
  const identity = signIn ?? openIdentity(settings.AZURE_CLIENT_ID);
  const { clock = Date.now, random = Math.random } = given;
  const [storage, telemetry] = await Promise.all([
    openStorage(settings, identity),
    given.telemetry ?? telemetryOf(settings, identity),
  ]);

  const troubles = new ServiceTroubles(storage.tables.table(tables.throttle), clock);
  const breaker = new ServiceBreaker(clock, (failure, isOpen) => troubles.tell(failure, isOpen));
  const vision = once(() => openVision(settings, { storage, clock, log, identity, telemetry, breaker }));
  const galleries = once(() => openGalleries({ vision: vision(), storage, settings, clock, log }));
  const gallery = () => galleries().all;
  const recognition = () => galleries().inUse();
  // What most steps never touch is loaded by the first that does: a new instance answers sooner.
  const results = once(async () => {
    const { openResultStore } = await import('./results/open.ts');
    const store = await openResultStore(settings, { identity, clock, random });
    await store.migrate();
    return store;
  });

  const persons = openPeople({
    results,
    figuresOf: (model) => figuresFor(settings.FACE_ENDPOINT, model),
    secondReview: settings.SECOND_REVIEW !== 'off',
    clock,
    random,
  });

  const batches = new BatchSettings(storage, clock);
  const models = once(async () => {
    const { openModels } = await import('./steps/open-models.ts');
    const { audit, imageOf } = app;
    const opened = await openModels({
      results: await results(),
      people: await persons.people(),
      galleries: galleries(),
      batches,
      settings,
      clock,
      imageOf,
    });
    return { ...opened, audit };
  });
  const telling = new Telling({
    open: () => openReceiver(settings, { identity, clock }),
    outbox: async () => (await results()).outbox,
    isBarred: async (batchId) => (await batches.get(batchId))?.consent.doNotMatch ?? false,
    random,
  });
  const services: StepServices = {
    vision,
    gallery,
    recognition,
    results,
    people: persons.people,
    telling,
    clock,
    batches,
    // One step writes what all of them have put out.
    keepSuggestions: (outputs, keep) => registry.keepSuggestions(outputs, keep),
    blobs: storage.blobs,
    tables: storage.tables,
  };
  const registry: Registry = new Registry(given.steps ?? (await openSteps(services)));
  const { pipeline, refusal } = definitionOf(registry, settings);
  const journal = new Journal(storage, clock);
  const claimCheck = new ClaimCheck(storage.blobs);
  const deadLetters = new DeadLetters(storage, clock);
  const shared = { storage, journal, claimCheck, deadLetters, registry, settings, clock, random, telemetry };
  const fetchImage = given.fetchImage ?? foreignImages(settings);
  const admission = new Admission({ ...shared, batches, fetchImage });
  const pauses = new Pauses(storage, clock);
  const helper = new PipelineHelper({ ...shared, admission, pauses, breaker });

  const needed = {
    containers: Object.values(containers),
    tables: Object.values(tables),
    queues: allQueues(registry.names),
  };

  const app: App = {
    ...shared,
    ...persons,
    pipeline,
    refusal,
    troubles,
    admission,
    helper,
    pauses,
    batches,
    poison: new Poison({ ...shared, admission, helper }),
    reconciler: (minAgeMs, budgetMs) =>
      new Reconciler({
        storage,
        journal,
        clock,
        minAgeMs,
        ...(budgetMs !== undefined && { budgetMs, memory: walkInTable(storage) }),
      }),
    vision,
    gallery,
    recognition,
    models,
    results,
    telling,
    // The one place where the audit is told who erased what: `record`.
    eraser: async (erasureLog) => {
      const { Eraser } = await import('./erasure/eraser.ts');
      return new Eraser({
        app,
        log: erasureLog,
        record: ({ by, ...detail }) =>
          app.audit.record({ who: by, action: 'data.erased', detail: { ...detail } }),
      });
    },
    audit: { record: async (request) => (await results()).audit.record(request) },
    calibration: async () => {
      const { database } = await results();
      const [{ CalibrationLedger }, { ReviewerMeasuring }, { readRecognition }, { searchAgain }] =
        await Promise.all([
          import('./people/calibration/ledger.ts'),
          import('./people/calibration/measuring.ts'),
          import('./results/recognition-state.ts'),
          import('./vision/search-again.ts'),
        ]);
      return {
        ledger: new CalibrationLedger(database, clock),
        measuring: new ReviewerMeasuring(database, { clock, random }),
        model: (await readRecognition(database)).active,
        threshold: settings.FACE_MATCH_CONFIDENCE,
        audit: app.audit,
        async search({ imageId, batchId, imageUrl, rectangle }, options, signal) {
          const bytes = await app.imageOf(batchId, imageId, signal);
          if (!bytes) return undefined;
          const place = { jobKey: jobKey(imageId), imageUrl, isBarred: barredFromSearch(app) };
          return searchAgain(await recognition(), bytes, rectangle, { ...place, ...options }, signal);
        },
      };
    },
    pfif: async () => {
      const { PfifLedger } = await import('./people/pfif/ledger.ts');
      return new PfifLedger((await results()).database);
    },
    fetchImage,
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
      // One that could not be opened needs no closing.
      const store = await results.made?.catch(() => undefined);
      await troubles.told();
      await telling.settled();
      await store?.close();
      await telemetry.close();
    },
  };
  return app;
}

/** Loaded at the first foreign image, which most instances never see. */
const foreignImages =
  ({ ALLOWED_IMAGE_HOSTS: allowedHosts, MAX_IMAGE_BYTES: maxBytes }: Settings): FetchImage =>
  async (url) => {
    const { fetchForeignImage } = await import('./imaging/foreign/fetch.ts');
    return fetchForeignImage(url, { allowedHosts, maxBytes, signal: AbortSignal.timeout(60_000) });
  };

function definitionOf(registry: Registry, settings: Settings): Pick<App, 'pipeline' | 'refusal'> {
  try {
    return { pipeline: registry.definition(settings.PIPELINE_DEFINITION), refusal: undefined };
  } catch (error) {
    if (error instanceof DefinitionError) return { pipeline: [], refusal: error };
    throw error;
  }
}
