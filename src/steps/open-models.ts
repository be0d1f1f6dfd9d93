import type { Clock, Log } from '../domain/ports.ts';
import { modelsAt, type RecognitionModel } from '../domain/recognition-model.ts';
import type { Settings } from '../domain/settings.ts';
import type { ModelComparison } from '../people/models/compare.ts';
import type { ModelSwitch } from '../people/models/switch.ts';
import type { ModelWorkList } from '../people/models/work-list.ts';
import type { People } from '../people/people.ts';
import type { BatchSettings } from '../pipeline/admission/batch-settings.ts';
import type { ResultStore } from '../results/store.ts';
import type { Galleries } from '../vision/gallery/galleries.ts';
import { type EnrolAnewParts, type EnrolledAnew, enrolAnew } from './enrol-anew.ts';

/** What it takes to switch from one model of recognition to another. */
export interface ModelParts {
  readonly models: ModelSwitch;
  readonly list: ModelWorkList;
  /** Those that can be switched to here. */
  readonly offered: readonly RecognitionModel[];
  readonly threshold: number;
  compare(): Promise<ModelComparison>;
  /** Has every process know which model is in use. */
  tell(): Promise<void>;
  /** Goes on with a switch. @param until ends it between two images where true */
  proceed(log: Log, signal: AbortSignal, until: () => boolean, settleMs?: number): Promise<EnrolledAnew>;
}

/** Loads what no photograph waits for: with the steps this file is loaded for the first message. */
export async function openModels(deps: {
  results: ResultStore;
  people: People;
  galleries: Galleries;
  batches: BatchSettings;
  settings: Settings;
  clock: Clock;
  imageOf: EnrolAnewParts['imageOf'];
}): Promise<ModelParts> {
  const [{ compareModels }, { ModelSwitch }, { ModelWorkList }] = await Promise.all([
    import('../people/models/compare.ts'),
    import('../people/models/switch.ts'),
    import('../people/models/work-list.ts'),
  ]);
  const { results, galleries, settings, clock } = deps;
  const { database } = results;
  const models = new ModelSwitch(database, clock);
  const list = new ModelWorkList(database, clock);
  const threshold = settings.FACE_MATCH_CONFIDENCE;
  return {
    models,
    list,
    threshold,
    offered: modelsAt(settings.FACE_ENDPOINT),
    compare: () => compareModels(database, threshold),
    async tell() {
      const { active, next, former } = await models.state();
      await galleries.use(
        active,
        [next, former].filter((one): one is string => one !== undefined),
      );
    },
    proceed: (log, signal, until, settleMs) =>
      enrolAnew({ ...deps, models, list, log, until, ...(settleMs !== undefined && { settleMs }) }, signal),
  };
}
