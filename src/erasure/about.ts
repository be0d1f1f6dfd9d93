import { jobIdOf } from '../domain/job-id.ts';
import { idsIn } from '../domain/mentions.ts';
import { decodeQueueMessage } from '../pipeline/message/codec.ts';
import { parseEvents } from '../pipeline/message/event.ts';
import type { Target } from './subjects.ts';

/** What a message is to the images of an erasure: one of theirs, one of another's that mentions them, or neither. */
export type About = 'own' | 'mentions' | 'none';

/** Messages that cannot be read are searched for ids; for more than so many it would take too long. */
const MAX_SEARCHED = 1000;

/** @param text of a message in a queue or a dead letter, whatever it is */
export function about(text: string, { ids }: Target): About {
  let value: unknown;
  try {
    value = decodeQueueMessage(text);
  } catch {
    return ids.size <= MAX_SEARCHED && [...ids].some((id) => text.includes(id)) ? 'own' : 'none';
  }
  const definition = (Object(value) as { job_definition?: { id?: unknown } }).job_definition;
  if (typeof definition?.id === 'string' && ids.has(definition.id)) return 'own';
  if (eventJobs(value).some((id) => ids.has(id))) return 'own';
  return [...idsIn(value)].some((id) => ids.has(id)) ? 'mentions' : 'none';
}

function eventJobs(value: unknown): string[] {
  try {
    return parseEvents(value).flatMap(({ container, name, etag }) =>
      etag === undefined ? [] : [jobIdOf(container, name, etag)],
    );
  } catch {
    return [];
  }
}
