import { sentenceOf } from '../domain/service-breaker.ts';
import { causeOf } from '../storage/preparation.ts';
import { statusOf } from '../storage/status.ts';
import type { ApiParts } from './call.ts';
import { problemOf } from './health/check.ts';

/** One thing that keeps images from being worked on. */
interface Halt {
  readonly kind: 'refused' | 'notPrepared' | 'notWritable' | 'serviceFailing';
  /** What is wrong and what to do, for whoever looks at the page. */
  readonly message: string;
}

/** With these storage refuses to keep something, though it answers: no right to write, and no space. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 507]);

/** What keeps images from being worked on now. */
export async function haltsOf({
  refusal,
  app,
  writes,
}: Pick<ApiParts, 'refusal' | 'app' | 'writes'>): Promise<Halt[]> {
  const halts: Halt[] = [];
  if (refusal !== undefined) halts.push({ kind: 'refused', message: refusal });
  const { trouble } = app.preparation;
  if (trouble !== undefined) {
    const message = `Containers, tables and queues could not be made yet: ${causeOf(trouble.error)}. This is tried until it succeeds; see api/health/details.`;
    halts.push({ kind: 'notPrepared', message });
  }
  const refused = await writes.refusal();
  // That storage does not answer is seen by all that reads, and said there.
  if (REFUSALS.has(statusOf(refused))) {
    const { problem, remedy } = problemOf(refused);
    halts.push({ kind: 'notWritable', message: `Storage takes no writes. ${problem} ${remedy}` });
  }
  for (const failure of await app.troubles.list()) {
    const since = new Date(failure.since).toISOString();
    halts.push({ kind: 'serviceFailing', message: `${sentenceOf(failure)} Since ${since}.` });
  }
  return halts;
}
