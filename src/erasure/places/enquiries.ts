import { ENQUIRY_TABLES } from '../../results/tables.ts';
import type { Place, PlaceDeps } from '../place.ts';
import { isEnquiry, type Target } from '../subjects.ts';
import { sqlStore } from './results.ts';

const enquiriesIn = ({ subjects }: Target): string[] => subjects.filter(isEnquiry).map(({ id }) => id);

/**
 * Enquiries that are erased, and candidates of others in which an erased photograph stands: those are made again from
 * what is left. After the rows of the images, for it is from them that they follow.
 */
export const enquiryRows = ({ results, enquiries, batches }: PlaceDeps): Place => ({
  stores: ENQUIRY_TABLES.map(sqlStore),
  count: async (target) => {
    const { erasures } = await results();
    const found = await erasures.enquiries.count(enquiriesIn(target), [...target.ids]);
    return Object.fromEntries(Object.entries(found).map(([table, rows]) => [`sql:${table}`, rows]));
  },
  erase: async (target, { signal }) => {
    const { erasures } = await results();
    const own = enquiriesIn(target);
    await erasures.enquiries.remove(own);
    for (const subject of target.subjects.filter(isEnquiry)) await batches.forget(subject.batchId);
    const others = (await erasures.enquiries.about([...target.ids])).filter((id) => !own.includes(id));
    for (const enquiry of others) {
      signal.throwIfAborted();
      await (await enquiries()).refresh(enquiry);
    }
  },
});
