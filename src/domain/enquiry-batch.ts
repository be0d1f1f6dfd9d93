/** First folder of the batches that enquiries have: no ordinary upload goes there. */
const ROOT = '_enquiry';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Between which the names of those batches lie, the second left out, in the order of code units. */
export const RESERVED_RANGE = [`${ROOT}/`, `${ROOT}0`] as const;

/** The batch of an enquiry's photographs: they go through the pipeline as all others do. */
export const enquiryBatch = (enquiry: string): string => `${ROOT}/${enquiry}`;

/** The enquiry whose batch this is; undefined for every other batch. */
export function enquiryOfBatch(batchId: string): string | undefined {
  const [root, id = '', ...rest] = batchId.split('/');
  return root === ROOT && rest.length === 0 && UUID.test(id) ? id : undefined;
}

/** Whether a batch, or a blob, lies where only an enquiry's photographs may: also under a name that is no enquiry's. */
export const isReserved = (name: string): boolean => name === ROOT || name.startsWith(`${ROOT}/`);

/** Whether an address names a photograph of an enquiry. */
export function isEnquiryUrl(imageUrl: string): boolean {
  const path = URL.parse(imageUrl)?.pathname ?? '';
  return path.split('/').some((part, index, all) => part === ROOT && UUID.test(all[index + 1] ?? ''));
}
