import { enquiryBatch } from '../../src/domain/enquiry-batch.ts';
import type { Dropped, World } from './world.ts';

/** Opens an enquiry by another process than the host's. @returns its id */
export async function openEnquiry({ observer }: World): Promise<string> {
  const enquiries = await observer.enquiries();
  const terms = { purpose: 'tracing', legalBasis: 'public interest', minor: true };
  return (await enquiries.open(terms, 'anna')).id;
}

/**
 * Whether each photograph that shows a person of the enquiry's is a candidate, once, and told of once.
 *
 * @returns sentences about what is wrong
 */
export async function examineEnquiry(
  { observer }: World,
  enquiry: string,
  images: readonly Dropped[],
): Promise<string[]> {
  // What a host that died had committed and not settled, the timer does.
  await (await observer.people()).settleAll();
  const results = await observer.results();
  const isOwn = ({ name }: Dropped) => name.startsWith(`${enquiryBatch(enquiry)}/`);
  const sought = new Set(images.filter(isOwn).flatMap(({ scene }) => scene?.people ?? []));
  const expected: string[] = [];
  for (const { jobId, scene } of images.filter((one) => !isOwn(one))) {
    const faces =
      (await results.get(jobId))?.faces.toSorted((a, b) => a.rectangle.left - b.rectangle.left) ?? [];
    scene?.people.forEach((person, index) => {
      if (sought.has(person)) expected.push(faces[index]?.key ?? '?');
    });
  }
  const candidates = await observer.candidates();
  const list = await candidates.list({ enquiry, limit: 100 }, 'anna');
  const details = await Promise.all(list.map(({ id }) => candidates.get(id, 'anna')));
  const found = details.flatMap((detail) => detail?.group.map(({ face }) => face) ?? []);
  const told = (await results.outbox.list({ enquiry, limit: 100 })).map(({ candidate }) => candidate);
  const wrong: string[] = [];
  if (found.sort().join() !== expected.sort().join())
    wrong.push(`the enquiry's candidates are ${found.join() || 'none'}, not ${expected.join() || 'none'}`);
  if (
    told.sort().join() !==
    list
      .map(({ id }) => id)
      .sort()
      .join()
  )
    wrong.push(`told of ${told.length} candidates, there are ${list.length}`);
  return wrong;
}
