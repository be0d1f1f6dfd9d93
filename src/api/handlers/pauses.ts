import { pauseStep as pause, resumeStep as resume } from '../../admin/pause.ts';
import type { App } from '../../app.ts';
import type { Handler } from '../call.ts';
import { ApiError, notFound } from '../problem.ts';

function refuseUnknown(step: string, { registry }: App): void {
  if (!registry.get(step)) throw notFound('step');
}

export const pauseStep: Handler<'pauseStep'> = async ({
  app,
  parts,
  params: { step },
  body: { reason },
  person,
}) => {
  refuseUnknown(step, app);
  const already = await pause(step, reason, person.name, app);
  parts.depths.forgetPauses();
  if (already && already.by !== person.name) {
    throw new ApiError(409, 'AlreadyPaused', `${already.by} has paused this step already, at ${already.at}.`);
  }
  return null;
};

export const resumeStep: Handler<'resumeStep'> = async ({ app, parts, params: { step }, person }) => {
  refuseUnknown(step, app);
  await resume(step, person.name, app);
  parts.depths.forgetPauses();
  return null;
};
