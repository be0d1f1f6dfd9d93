import { duration } from './duration.ts';

/** When a figure was counted that is not of this moment: `2026-11-30 10:42 UTC, 14 min ago`. @param at ISO 8601 */
export const countedAt = (at: string, now: number): string =>
  `${at.slice(0, 10)} ${at.slice(11, 16)} UTC, ${duration(now - Date.parse(at))} ago`;
