import { planRerun, sendRerun } from '../../admin/rerun.ts';
import { subject } from '../../audit/subject.ts';
import { DefinitionError } from '../../pipeline/definition/registry.ts';
import type { Handler } from '../call.ts';
import { ApiError, notFound } from '../problem.ts';

/** Does one step of an image again, with every step that needs its output; all of its steps where none is named. */
export const rerunImage: Handler<'rerunImage'> = async ({
  app,
  person,
  params: { id: image },
  body: { steps = [] },
}) => {
  const [step] = steps;
  try {
    for await (const plan of planRerun({ image, which: 'all', ...(step !== undefined && { step }) }, app)) {
      if ('skipped' in plan) throw new ApiError(409, plan.skipped.code, plan.skipped.message);
      await app.audit.record({
        who: person.name,
        action: 'image.rerun',
        about: [subject.image(image)],
        detail: { step: step ?? null },
      });
      await sendRerun(plan, app);
      return { run: plan.run };
    }
  } catch (error) {
    if (error instanceof DefinitionError) throw new ApiError(422, 'UnknownStep', error.message);
    throw error;
  }
  throw notFound('image');
};
