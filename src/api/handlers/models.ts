import { goOnWithSwitch, type ModelStatus, modelStatus, startSwitch } from '../../admin/switch-model.ts';
import type { Handler } from '../call.ts';
import type { Models } from '../contract.ts';

const toView = ({ switchId: _, changedAt: __, ...status }: ModelStatus): Models => ({
  ...status,
  next: status.next ?? null,
  former: status.former ?? null,
  startedAt: status.startedAt ?? null,
  startedBy: status.startedBy ?? null,
  problems: [...status.problems],
  offered: status.offered.map(({ id, title }) => ({ id, title })),
  comparison: status.comparison ?? null,
});

export const getModels: Handler<'models'> = async ({ app }) => toView(await modelStatus(await app.models()));

export const startModelSwitch: Handler<'startModelSwitch'> = async ({ app, person, body: { model } }) =>
  toView(await startSwitch(person.name, model, await app.models()));

export const actOnModelSwitch: Handler<'actOnModelSwitch'> = async ({ app, person, body: { act } }) =>
  toView(await goOnWithSwitch(person.name, act, await app.models()));
