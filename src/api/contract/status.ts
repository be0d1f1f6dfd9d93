import { z } from 'zod';

/** How an image's job ended. `partial`: at least one step failed or was skipped. */
export const status = z.enum(['done', 'partial', 'rejected', 'superseded', 'gone']);
export type Status = z.infer<typeof status>;
