/**
 * A face that is enrolled within so long of its image's admission is found by the day of that; one that is enrolled later
 * has a note of its own, in the transaction of the image's row. Milliseconds.
 */
export const ON_TIME_MS = 2 * 24 * 3_600_000;
