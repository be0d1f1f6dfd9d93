/**
 * Times as histograms keep them: in buckets, each a tenth wider than the one before, so that sums of any number of them
 * still tell a median and a longest time, to within 5 %.
 */
const GROWTH = 1.1;

/** Stands for a time that is not known. */
export const NO_BUCKET = -1;

/** @param ms milliseconds; 0 is what took less than one */
export const bucketOf = (ms: number): number =>
  ms < 1 ? 0 : Math.floor(Math.log(ms) / Math.log(GROWTH) + 1e-9) + 1;

/** Milliseconds, whole: the middle of a bucket, from which no time in it is further than 5 % away. */
export const middleOf = (bucket: number): number => (bucket === 0 ? 0 : Math.round(GROWTH ** (bucket - 0.5)));
