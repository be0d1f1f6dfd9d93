import { rerun } from '../../admin/rerun.ts';
import { DefinitionError } from '../../pipeline/definition/registry.ts';
import type { Handler } from '../call.ts';
import { ApiError, notFound } from '../problem.ts';

/** Does one step of an image again, with every step that needs its output; all of its steps where none is named. */
export const rerunImage: Handler<'rerunImage'> = async ({
  app,
  person,
  params: { id: image },
  body: { steps = [], biometric },
}) => {
  const [step] = steps;
  try {
    for await (const one of rerun({ image, which: 'all', step, biometric }, person.name, app)) {
      if ('skipped' in one) throw new ApiError(409, one.skipped.code, one.skipped.message);
      return { run: one.run };
    }
  } catch (error) {
    if (error instanceof DefinitionError) throw new ApiError(422, 'UnknownStep', error.message);
    throw error;
  }
  throw notFound('image');
};
