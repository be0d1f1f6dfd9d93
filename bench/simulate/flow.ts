/** Something an image needs a share of. */
export interface Resource {
  name: string;
  /** Units that one image takes. */
  perImage: number;
  /** Units there are in a second; of one instance where it comes and goes with instances. */
  perSecond: number;
  perInstance?: boolean;
}

export interface Plan {
  resources: readonly Resource[];
  /** Images that arrive in the second that begins at `time`. */
  arrivals(time: number): number;
  /** Seconds an image takes where it waits for nothing. */
  alone: number;
  instances: {
    most: number;
    /** Seconds between two decisions to add one; an idle one leaves after `leaveAfter` seconds. */
    everySeconds: number;
    leaveAfter: number;
  };
  /** Nothing arrives from then on; it ends when all that did is done. */
  until: number;
  /** Seconds that are played at once; 1 unless given. */
  step?: number;
}

interface Outcome {
  images: number;
  /** Seconds from the first arrival to the last row. */
  seconds: number;
  /** Images a second, from the first to the last. */
  throughput: number;
  /** Seconds from arrival to row. */
  wait: { median: number; p95: number; longest: number };
  instanceSeconds: number;
  mostInstances: number;
  /** The resource that held the images back in most seconds, and the share of those seconds. */
  heldBackBy: { name: string; share: number } | undefined;
  /** Of everything that was asked for in the seconds with work, the share of what there was. */
  used: Record<string, number>;
}

/**
 * Plays the images as a stream, second by second: first come, first served, as fast as the scarcest resource allows,
 * with instances that come while there is a backlog and leave when there is none. What it leaves out: the order within
 * a step, retries, and the calls that are refused before everybody knows the rate.
 */
export function simulate({ resources, arrivals, alone, instances, until, step = 1 }: Plan): Outcome {
  const waiting: { since: number; images: number }[] = [];
  const waits: { seconds: number; images: number }[] = [];
  const held = new Map<string, number>();
  const used = new Map<string, number>(resources.map(({ name }) => [name, 0]));
  const scales = resources.some(({ perInstance }) => perInstance);
  let running = scales ? 0 : 1;
  let [backlog, done, busy, idle, instanceSeconds, mostInstances, ended] = [0, 0, 0, 0, 0, running, 0];
  let decideAt = 0;
  for (let time = 0; time < until || backlog > 1e-9; time += step) {
    const came = time < until ? arrivals(time) * Math.min(step, until - time) : 0;
    if (came > 0) waiting.push({ since: time, images: came });
    backlog += came;
    const share = ({ perSecond, perImage, perInstance }: Resource) =>
      perImage === 0 ? Number.POSITIVE_INFINITY : (perSecond * (perInstance ? running : 1)) / perImage;
    // Of two that are equally scarce the one that no instance more would help.
    const [scarcest] = [...resources].sort(
      (one, other) =>
        share(one) - share(other) || Number(one.perInstance ?? 0) - Number(other.perInstance ?? 0),
    );
    const possible = (scarcest ? share(scarcest) : 0) * step;
    if (possible === 0 && !scales && backlog > 0)
      throw new RangeError(`There is nothing of ${scarcest?.name}.`);
    if (scales && time >= decideAt) {
      const own = resources.filter(({ perInstance }) => perInstance).map(share);
      const others = resources.filter(({ perInstance }) => !perInstance).map(share);
      // One more would help: there is more to do than those there are get done, and nothing else holds it back.
      const helps = running === 0 || Math.min(...own) < Math.min(...others);
      if (backlog > possible && running < instances.most && helps) running += 1;
      decideAt = time + instances.everySeconds;
    }
    let room = Math.min(backlog, possible);
    if (backlog > 0 || room > 0) {
      busy += step;
      idle = 0;
      if (backlog > room && scarcest) held.set(scarcest.name, (held.get(scarcest.name) ?? 0) + step);
    } else {
      idle += step;
      if (idle >= instances.leaveAfter && scales) running = 0;
    }
    for (const { name, perImage } of resources) used.set(name, (used.get(name) ?? 0) + room * perImage);
    backlog -= room;
    done += room;
    while (room > 1e-12) {
      const first = waiting[0];
      if (!first) break;
      const some = Math.min(first.images, room);
      waits.push({ seconds: time - first.since + alone, images: some });
      first.images -= some;
      room -= some;
      if (first.images <= 1e-12) waiting.shift();
      ended = time + step - 1 + alone;
    }
    instanceSeconds += running * step;
    mostInstances = Math.max(mostInstances, running);
  }
  const [most] = [...held].sort(([, one], [, other]) => other - one);
  const limit = (resource: Resource) =>
    resource.perSecond * (resource.perInstance ? instanceSeconds : Math.max(1, busy));
  return {
    images: done,
    seconds: ended,
    throughput: ended > 0 ? done / ended : 0,
    wait: { median: at(waits, 0.5), p95: at(waits, 0.95), longest: at(waits, 1) },
    instanceSeconds,
    mostInstances,
    heldBackBy: most && { name: most[0], share: most[1] / Math.max(1, busy) },
    used: Object.fromEntries(
      resources.map((resource) => [
        resource.name,
        (used.get(resource.name) ?? 0) / Math.max(1e-9, limit(resource)),
      ]),
    ),
  };
}

/** The wait that a share of the images did not exceed. */
function at(waits: readonly { seconds: number; images: number }[], share: number): number {
  const sorted = [...waits].sort((one, other) => one.seconds - other.seconds);
  const all = sorted.reduce((sum, { images }) => sum + images, 0);
  let sum = 0;
  for (const { seconds, images } of sorted) {
    sum += images;
    if (sum >= share * all - 1e-9) return seconds;
  }
  return 0;
}
