import { causeOf } from '../storage/preparation.ts';
import type { ApiParts } from './call.ts';

/** One thing that keeps images from being worked on. */
export interface Halt {
  readonly code: string;
  /** What is wrong and what to do, for whoever looks at the page. */
  readonly message: string;
}

/** What keeps images from being worked on now, as far as this process knows: none of it costs a call. */
export function haltsOf({ refusal, app }: Pick<ApiParts, 'refusal' | 'app'>): Halt[] {
  const halts: Halt[] = [];
  if (refusal !== undefined) halts.push({ code: 'AppRefused', message: refusal });
  const { trouble } = app.preparation;
  if (trouble !== undefined) {
    const message = `Containers, tables and queues could not be made yet: ${causeOf(trouble.error)}. This is tried until it succeeds; see api/health/details.`;
    halts.push({ code: 'StorageNotPrepared', message });
  }
  return halts;
}
