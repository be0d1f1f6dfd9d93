import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demandOf } from '../../bench/simulate/demand.ts';
import { type Plan, type Resource, simulate } from '../../bench/simulate/flow.ts';
import { cloud, MEASURED, machine } from '../../bench/simulate/places.ts';

/** Seconds of an image by itself on that machine, the polling of its queues included. */
const ALONE = 1.4;

const plan = (resources: Resource[], images: number, given: Partial<Plan> = {}): Plan => ({
  resources,
  arrivals: (time) => (time === 0 ? images : 0),
  alone: 0,
  instances: { most: 10, everySeconds: 10, leaveAfter: 60 },
  until: 1,
  ...given,
});

test.for([
  [1, 184],
  [2, 211],
] as const)(
  'on the machine that was measured, with %i workers: within 20 %% of %i images a minute',
  ([workers, measured]) => {
    const { throughput } = simulate(
      // A round of the bench: its first and last images have the machine to themselves.
      plan(machine({ ...MEASURED, engineWorkers: workers }), 28, { alone: ALONE }),
    );
    expect(throughput * 60).toBeGreaterThan(measured * 0.8);
    expect(throughput * 60).toBeLessThan(measured * 1.2);
  },
);

test('between what was counted it goes along straight lines, and on from there', () => {
  expect(demandOf(0).faceCalls).toBe(1);
  expect(demandOf(1).faceCalls).toBe(4);
  expect(demandOf(3).faceCalls).toBe(8);
  expect(demandOf(10).faceCalls).toBe(22);
  expect(demandOf(0.5).visionCalls).toBe(3);
});

test('instances come while they help, up to the most there may be, and are not added where something else is scarce', () => {
  const instances: Resource = { name: 'instances', perImage: 1, perSecond: 1, perInstance: true };
  const many = simulate(plan([instances], 10_000));
  expect(many.mostInstances).toBe(10);
  expect(many.heldBackBy?.name).toBe('instances');
  const limited = simulate(plan([instances, { name: 'calls', perImage: 1, perSecond: 3 }], 10_000));
  expect(limited.mostInstances).toBe(3);
  expect(limited.heldBackBy?.name).toBe('calls');
  expect(limited.throughput).toBeLessThanOrEqual(3);
});

test('every image comes through once, none faster than the scarcest allows, and more at once never wait less', () => {
  const amounts = fc.double({ min: 0.1, max: 10, noNaN: true });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ name: fc.string(), perImage: amounts, perSecond: amounts }), {
        minLength: 1,
        maxLength: 4,
        // What is used is told by name.
        selector: ({ name }) => name,
      }),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 100 }),
      (resources, images, over) => {
        const spread = (many: number) =>
          simulate(
            plan(resources, many, { arrivals: (time) => (time < over ? many / over : 0), until: over }),
          );
        const [one, twice] = [spread(images), spread(images * 2)];
        expect(one.images).toBeCloseTo(images, 3);
        const most = Math.min(...resources.map(({ perImage, perSecond }) => perSecond / perImage));
        expect(images).toBeLessThanOrEqual(most * (one.seconds + 1) + 1e-6);
        expect(twice.wait.longest).toBeGreaterThanOrEqual(one.wait.longest);
        for (const share of Object.values(one.used)) expect(share).toBeLessThanOrEqual(1 + 1e-9);
      },
    ),
    { numRuns: 50 },
  );
});

test('of the published limits, the accounts of the vision services are met first', () => {
  const accounts = {
    visionPerSecond: 10,
    facePerSecond: 10,
    savesPerSecond: 29,
    batches: 1,
    lanes: 12,
    executionSeconds: 0.5,
  };
  const { heldBackBy, throughput } = simulate(plan(cloud(accounts, demandOf(1)), 20_000));
  expect(heldBackBy?.name).toBe('Face calls');
  expect(throughput).toBeLessThanOrEqual(2.5);
});
