import { paths } from '../../routes.ts';
import * as common from '../common.ts';
import type { Operation } from '../operation.ts';
import * as pipeline from '../pipeline.ts';

/** Who is signed in, and what may have changed. */
export const sessionOperations = {
  me: { method: 'GET', path: paths.me, role: 'viewer', summary: 'Who is signed in.', answer: common.me },
  live: {
    method: 'GET',
    path: paths.live,
    role: 'viewer',
    summary: 'What may have changed, cheaply: to be polled.',
    answer: pipeline.live,
  },
} as const satisfies Record<string, Operation>;
