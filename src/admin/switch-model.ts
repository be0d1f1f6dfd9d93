import type { AuditAction } from '../audit/actions.ts';
import type { RecognitionModel } from '../domain/recognition-model.ts';
import { PeopleRefusedError } from '../people/errors.ts';
import type { ModelComparison } from '../people/models/compare.ts';
import type { ModelSwitch } from '../people/models/switch.ts';
import type { ModelProgress, ModelWorkList } from '../people/models/work-list.ts';
import type { RecognitionState } from '../results/recognition-state.ts';
import type { Audited } from './audited.ts';

export interface SwitchModelDeps extends Audited {
  readonly models: ModelSwitch;
  readonly list: ModelWorkList;
  readonly offered: readonly RecognitionModel[];
  compare(): Promise<ModelComparison>;
  tell(): Promise<void>;
}

/** How the models stand, for whoever asks. */
export interface ModelStatus extends RecognitionState, ModelProgress {
  readonly offered: readonly RecognitionModel[];
  /** Only while two are enrolled: what each offers of the pairs that people have decided. */
  readonly comparison?: ModelComparison;
}

export async function modelStatus({
  models,
  list,
  offered,
  compare,
}: Omit<SwitchModelDeps, 'audit' | 'tell'>): Promise<ModelStatus> {
  const state = await models.state();
  const comparison = state.phase === 'enrolling' ? await compare() : undefined;
  return { ...state, ...(await list.progress()), offered, ...(comparison && { comparison }) };
}

export const MODEL_ACTS = ['pause', 'resume', 'finish', 'abandon'] as const;
export type ModelAct = (typeof MODEL_ACTS)[number];

const ACTIONS: Record<ModelAct, AuditAction> = {
  pause: 'model.switch.paused',
  resume: 'model.switch.resumed',
  finish: 'model.switch.finished',
  abandon: 'model.switch.abandoned',
};

/** @throws {PeopleRefusedError} */
export async function startSwitch(who: string, model: string, deps: SwitchModelDeps): Promise<ModelStatus> {
  if (!deps.offered.some(({ id }) => id === model)) {
    const names = deps.offered.map(({ id }) => id).join(', ') || 'none';
    throw new PeopleRefusedError(
      'ModelUnknown',
      `"${model.slice(0, 60)}" is no model of the service that answers here. There are: ${names}.`,
    );
  }
  await deps.audit.record({ who, action: 'model.switch.started', detail: { model } });
  await deps.models.start(model, who);
  await deps.tell();
  return modelStatus(deps);
}

/** @throws {PeopleRefusedError} */
export async function goOnWithSwitch(
  who: string,
  act: ModelAct,
  deps: SwitchModelDeps,
): Promise<ModelStatus> {
  const { models, audit } = deps;
  const { next = '' } = await models.state();
  await audit.record({ who, action: ACTIONS[act], detail: { model: next } });
  if (act === 'finish') await models.finish();
  else if (act === 'abandon') await models.abandon();
  else await models.pause(act === 'pause');
  await deps.tell();
  return modelStatus(deps);
}
