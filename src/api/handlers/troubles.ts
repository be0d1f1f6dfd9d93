import { findTroubles } from '../../admin/troubles.ts';
import type { Handler } from '../call.ts';

export const troubles: Handler<'troubles'> = async ({ app, parts }) => {
  const [queues, pauses] = await Promise.all([parts.depths.queues(), parts.depths.pauses()]);
  return { groups: await findTroubles(app, { queues, pauses, now: app.clock() }) };
};
