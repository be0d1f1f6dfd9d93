/** 10,000 x 10,000: the largest image the Read operation takes. Nothing bigger is unpacked. */
export const MAX_PIXELS = 100_000_000;
