import { paths } from '../../routes.ts';
import * as models from '../models.ts';
import type { Operation } from '../operation.ts';

/** Models of recognition, side by side. */
export const modelOperations = {
  models: {
    method: 'GET',
    path: paths.models,
    role: 'viewer',
    summary: 'Which model of recognition is in use, and how far a switch to another one is.',
    answer: models.models,
  },
  startModelSwitch: {
    method: 'POST',
    path: paths.modelSwitch,
    role: 'administrator',
    signedIn: true,
    summary: 'Begins to enrol the archive anew with another model, beside the one in use.',
    body: models.startBody,
    answer: models.models,
    status: 201,
  },
  actOnModelSwitch: {
    method: 'PUT',
    path: paths.modelSwitch,
    role: 'administrator',
    signedIn: true,
    summary: 'Pauses a switch of models, lets it go on, finishes it, or gives it up.',
    body: models.actBody,
    answer: models.models,
  },
} as const satisfies Record<string, Operation>;
