import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { createAnalyzer } from '../../../../src/local/vision/analyzer.ts';
import { windowsOf } from '../../../../src/local/vision/models/face-detector.ts';
import { turnedBack } from '../../../../src/local/vision/models/face-turns.ts';
import { faceDistance } from '../../../../src/local/vision/models/similarity.ts';
import { sample } from './support/images.ts';

const analyzer = createAnalyzer();
afterAll(() => analyzer.close());
const facesOf = async (bytes: Uint8Array) => (await analyzer.analyze(bytes, ['faces'])).faces;

const TURNS = [1, 2, 3] as const;

describe('a picture turned without EXIF', () => {
  test.each(TURNS)(
    'by %i quarters: the four faces of the group, the same people in the same places',
    async (quarters) => {
      const upright = await facesOf(sample('group'));
      const turned = await facesOf(
        await sharp(sample('group'))
          .rotate(90 * quarters)
          .jpeg({ quality: 95 })
          .toBuffer(),
      );
      expect(turned).toHaveLength(4);
      for (const face of turned) {
        const box = turnedBack(face.box, quarters, { width: 1200, height: 800 });
        const [same] = upright
          .map((other) => ({ other, apart: Math.hypot(other.box.left - box.left, other.box.top - box.top) }))
          .sort((a, b) => a.apart - b.apart);
        expect(same?.apart).toBeLessThan(40);
        expect(faceDistance(face.faceprint, same?.other.faceprint ?? [])).toBeLessThan(0.3);
        const roll = ((face.pose.roll - 90 * quarters + 540) % 360) - 180;
        expect(Math.abs(roll)).toBeLessThan(15);
      }
    },
  );

  test.each(['a-1', 'c-1', 'f-1'])('one person, %s, in all turns', async (name) => {
    const [upright] = await facesOf(sample(`person-${name}`));
    for (const quarters of TURNS) {
      const [face, ...others] = await facesOf(
        await sharp(sample(`person-${name}`))
          .rotate(90 * quarters)
          .jpeg({ quality: 95 })
          .toBuffer(),
      );
      expect(others).toEqual([]);
      expect(faceDistance(face?.faceprint ?? [], upright?.faceprint ?? []), `${quarters}`).toBeLessThan(0.3);
    }
  });

  test('a face at an angle between is the same person', async () => {
    const [upright] = await facesOf(sample('person-b-1'));
    for (const angle of [-45, -30, 30, 45]) {
      const [face] = await facesOf(await sharp(sample('person-b-1')).rotate(angle).jpeg().toBuffer());
      expect(faceDistance(face?.faceprint ?? [], upright?.faceprint ?? []), `${angle}`).toBeLessThan(0.35);
    }
  });

  test('nothing is found where there is no face, however it is turned', async () => {
    const noise = {
      width: 900,
      height: 600,
      channels: 3 as const,
      noise: { type: 'gaussian' as const, mean: 128, sigma: 60 },
    };
    const picture = await sharp({ create: { ...noise, background: '#000000' } })
      .blur(3)
      .png()
      .toBuffer();
    expect(await facesOf(picture)).toEqual([]);
  });
});

describe('tall and wide pictures', () => {
  const row = async (people: readonly string[], width: number, height: number, way: 'wide' | 'tall') => {
    const faces = await Promise.all(
      people.map((name) => sharp(sample(name)).resize({ height: 360 }).toBuffer()),
    );
    const step = (way === 'wide' ? width : height) / people.length;
    const composed = faces.map((input, i) => ({
      input,
      ...(way === 'wide'
        ? { left: Math.round((i + 0.3) * step), top: 120 }
        : { left: 150, top: Math.round((i + 0.3) * step) }),
    }));
    return sharp({ create: { width, height, channels: 3, background: '#8a9080' } })
      .composite(composed)
      .jpeg({ quality: 92 })
      .toBuffer();
  };
  const people = ['person-a-1', 'person-b-1', 'person-c-1', 'person-e-1', 'person-f-1'];

  test.each([
    ['wide', 6000, 600],
    ['wide', 10_000, 850],
    ['tall', 700, 9900],
  ] as const)('%s, %i x %i: every face once, each in its place', async (way, width, height) => {
    const faces = await facesOf(await row(people, width, height, way));
    expect(faces).toHaveLength(people.length);
    const places = faces.map(({ box }) => (way === 'wide' ? box.left : box.top)).sort((a, b) => a - b);
    const step = (way === 'wide' ? width : height) / people.length;
    for (const [i, place] of places.entries()) {
      expect(place).toBeGreaterThan((i + 0.3) * step);
      expect(place).toBeLessThan((i + 0.3) * step + 300);
    }
  });

  test('windows cover all of a picture, and neighbours share half its height', () => {
    expect(windowsOf({ width: 1600, height: 800 })).toEqual([{ left: 0, top: 0, width: 1600, height: 800 }]);
    for (const [width, height] of [
      [2000, 300],
      [300, 7777],
      [1601, 800],
    ] as const) {
      const windows = windowsOf({ width, height });
      const spans = windows.map(({ left, top, width: w, height: h }) =>
        width > height ? [left, left + w] : [top, top + h],
      );
      expect(spans[0]?.[0]).toBe(0);
      expect(spans.at(-1)?.[1]).toBe(Math.max(width, height));
      for (const [i, [from = 0]] of spans.slice(1).entries())
        expect((spans[i]?.[1] ?? 0) - from).toBeGreaterThanOrEqual(Math.min(width, height) / 2 - 1);
    }
  });
});
