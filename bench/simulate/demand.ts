/** What one image asks of everything it passes, from the event to the row. */
export interface Demand {
  queueOperations: number;
  tableOperations: number;
  blobOperations: number;
  visionCalls: number;
  faceCalls: number;
  executions: number;
  saves: number;
}

/**
 * Counted by `npm run bench -- calls` (docs/operations.md), for images with no, one and five faces. Of the table operations
 * three are links for the picture and the day.
 */
const COUNTED: readonly (Demand & { faces: number })[] = [
  {
    faces: 0,
    queueOperations: 14,
    tableOperations: 16,
    blobOperations: 4,
    visionCalls: 3,
    faceCalls: 1,
    executions: 5,
    saves: 1,
  },
  {
    faces: 1,
    queueOperations: 23,
    tableOperations: 26,
    blobOperations: 8,
    visionCalls: 3,
    faceCalls: 4,
    executions: 8,
    saves: 1,
  },
  {
    faces: 5,
    queueOperations: 23,
    tableOperations: 41,
    blobOperations: 12,
    visionCalls: 3,
    faceCalls: 12,
    executions: 8,
    saves: 1,
  },
];

/** Between what was counted, and on from the last of it, along straight lines. */
export function demandOf(faces: number): Demand {
  const above = COUNTED.findIndex((one) => one.faces >= faces);
  const to = COUNTED[above === -1 ? COUNTED.length - 1 : Math.max(1, above)];
  const from = COUNTED[above === -1 ? COUNTED.length - 2 : Math.max(1, above) - 1];
  if (!from || !to) throw new RangeError('Nothing was counted.');
  const share = (faces - from.faces) / (to.faces - from.faces);
  const between = (what: keyof Demand) => from[what] + share * (to[what] - from[what]);
  return {
    queueOperations: between('queueOperations'),
    tableOperations: between('tableOperations'),
    blobOperations: between('blobOperations'),
    visionCalls: between('visionCalls'),
    faceCalls: between('faceCalls'),
    executions: between('executions'),
    saves: 1,
  };
}
