import { jobIdOf } from '../domain/job-id.ts';
import { idsIn } from '../domain/mentions.ts';
import { decodeQueueMessage } from '../pipeline/message/codec.ts';
import { parseEvents } from '../pipeline/message/event.ts';
import type { Target } from './subjects.ts';

/** What a message is to the images of an erasure: one of theirs, one of another's that mentions them, or neither. */
export type About = 'own' | 'mentions' | 'none';

/** @param text of a message in a queue or a dead letter, whatever it is */
export function about(text: string, { ids }: Target): About {
  let value: unknown;
  try {
    value = decodeQueueMessage(text);
  } catch {
    return namesOneOf(text, ids) ? 'own' : 'none';
  }
  const definition = (Object(value) as { job_definition?: { id?: unknown } }).job_definition;
  if (typeof definition?.id === 'string' && ids.has(definition.id)) return 'own';
  if (eventJobs(value).some((id) => ids.has(id))) return 'own';
  return [...idsIn(value)].some((id) => ids.has(id)) ? 'mentions' : 'none';
}

/**
 * Whether one of the ids stands in a text that cannot be read. By what stands in the text, for it is short and the ids can
 * be a million: all of its pieces that are as long as one of them.
 */
function namesOneOf(text: string, ids: ReadonlySet<string>): boolean {
  const lengths = new Set<number>();
  for (const { length } of ids) lengths.add(length);
  for (const length of lengths)
    for (let from = 0; from + length <= text.length; from += 1)
      if (ids.has(text.slice(from, from + length))) return true;
  return false;
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
