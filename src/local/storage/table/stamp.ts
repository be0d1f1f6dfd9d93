const TICKS_PER_MS = 10_000;
let lastMs = 0;
let lastTick = 0;

/** A new Timestamp: ISO 8601, UTC, seven decimals. Never twice the same: it is the entity's ETag, too. */
export function newStamp(now: number): string {
  if (now > lastMs) {
    lastMs = now;
    lastTick = Math.floor(Math.random() * TICKS_PER_MS);
  } else {
    lastTick += 1;
    if (lastTick >= TICKS_PER_MS) {
      lastMs += 1;
      lastTick = 0;
    }
  }
  return `${new Date(lastMs).toISOString().slice(0, -1)}${String(lastTick).padStart(4, '0')}Z`;
}

export const etagOfStamp = (stamp: string): string => `W/"datetime'${encodeURIComponent(stamp)}'"`;
