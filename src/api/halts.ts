import { sentenceOf } from '../domain/service-breaker.ts';
import { causeOf } from '../storage/preparation.ts';
import type { ApiParts } from './call.ts';

/** One thing that keeps images from being worked on. */
interface Halt {
  readonly kind: 'refused' | 'notPrepared' | 'serviceFailing';
  /** What is wrong and what to do, for whoever looks at the page. */
  readonly message: string;
}

/** What keeps images from being worked on now. */
export async function haltsOf({ refusal, app }: Pick<ApiParts, 'refusal' | 'app'>): Promise<Halt[]> {
  const halts: Halt[] = [];
  if (refusal !== undefined) halts.push({ kind: 'refused', message: refusal });
  const { trouble } = app.preparation;
  if (trouble !== undefined) {
    const message = `Containers, tables and queues could not be made yet: ${causeOf(trouble.error)}. This is tried until it succeeds; see api/health/details.`;
    halts.push({ kind: 'notPrepared', message });
  }
  for (const failure of await app.troubles.list()) {
    const since = new Date(failure.since).toISOString();
    halts.push({ kind: 'serviceFailing', message: `${sentenceOf(failure)} Since ${since}.` });
  }
  return halts;
}
