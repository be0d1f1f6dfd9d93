import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type AnalyzedFace,
  type Point,
  UndecodableImageError,
} from '../../../../src/local/vision/analysis.ts';
import { createAnalyzer } from '../../../../src/local/vision/analyzer.ts';
import { faceDistance, GROUPING_DISTANCE } from '../../../../src/local/vision/models/similarity.ts';
import { photograph, photographsPresent, sample } from './support/images.ts';
import { drawSign } from './support/sign.ts';

/** Twelve images through the face networks, on a machine that may be busy. */
const SLOW = 180_000;

const analyzer = createAnalyzer();
afterAll(() => analyzer.close());

const facesOf = async (bytes: Uint8Array) => (await analyzer.analyze(bytes, ['faces'])).faces;
const textOf = async (bytes: Uint8Array) => (await analyzer.analyze(bytes, ['text'])).text;
const linesOf = async (bytes: Uint8Array) => (await textOf(bytes)).lines.map((line) => line.text);

async function onlyFace(bytes: Uint8Array): Promise<AnalyzedFace> {
  const [face, ...others] = await facesOf(bytes);
  if (face === undefined || others.length > 0) throw new Error('Expected exactly one face.');
  return face;
}

function bounds(quad: readonly Point[]) {
  const [xs, ys] = [quad.map((p) => p.x), quad.map((p) => p.y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

describe('faces', () => {
  const portraits = ['a-1', 'a-2', 'a-3', 'b-1', 'b-2', 'c-1', 'c-2', 'd-1', 'd-2', 'e-1', 'e-2', 'f-1'];

  test('portraits of one person are near each other, of two people far apart', {
    timeout: SLOW,
  }, async () => {
    const prints = new Map<string, AnalyzedFace>();
    for (const name of portraits) prints.set(name, await onlyFace(sample(`person-${name}`)));
    for (const [one, a] of prints) {
      for (const [two, b] of prints) {
        if (one >= two) continue;
        const distance = faceDistance(a.faceprint, b.faceprint);
        if (one[0] === two[0]) expect(distance, `${one} ${two}`).toBeLessThan(0.45);
        else expect(distance, `${one} ${two}`).toBeGreaterThan(GROUPING_DISTANCE);
      }
    }
  });

  test('a face has a box within the image, 68 landmarks in it, a pose, and a quality', async () => {
    const face = await onlyFace(sample('person-a-1'));
    const { left, top, width, height } = face.box;
    expect(left).toBeGreaterThan(100);
    expect(left + width).toBeLessThan(668);
    expect(top + height).toBeLessThan(960);
    expect(face.landmarks).toHaveLength(68);
    expect(face.faceprint).toHaveLength(128);
    const [eyes, mouth] = [bounds(face.landmarks.slice(36, 48)), bounds(face.landmarks.slice(48))];
    expect(eyes.left).toBeGreaterThan(left);
    expect(eyes.right).toBeLessThan(left + width);
    expect(mouth.top).toBeGreaterThan(eyes.bottom);
    expect(Math.abs(face.pose.roll)).toBeLessThan(5);
    expect(Math.abs(face.pose.yaw)).toBeLessThan(6);
    const turned = await onlyFace(sample('person-a-2'));
    expect(Math.abs(turned.pose.yaw)).toBeGreaterThan(8);
  });

  test('a blurred copy is less sharp, a dark one darker, a noisy one noisier', async () => {
    const original = sample('person-a-1');
    const plain = await onlyFace(original);
    const blurred = await onlyFace(await sharp(original).blur(6).jpeg().toBuffer());
    const dark = await onlyFace(await sharp(original).linear(0.4, 0).jpeg().toBuffer());
    const grain = {
      width: 768,
      height: 960,
      channels: 3 as const,
      noise: { type: 'gaussian' as const, mean: 128, sigma: 40 },
    };
    const noise = await sharp({ create: { ...grain, background: '#000000' } })
      .png()
      .toBuffer();
    const noisy = await onlyFace(
      await sharp(original)
        .composite([{ input: noise, blend: 'overlay' }])
        .jpeg()
        .toBuffer(),
    );
    expect(blurred.sharpness).toBeLessThan(plain.sharpness / 5);
    expect(dark.luma).toBeLessThan(plain.luma * 0.6);
    expect(noisy.noise).toBeGreaterThan(plain.noise * 1.5);
  });

  test('the group shows b, a, d and c from left to right, each nearest to its own portrait', {
    timeout: SLOW,
  }, async () => {
    const group = await facesOf(sample('group'));
    expect(group).toHaveLength(4);
    for (const [i, person] of ['b', 'a', 'd', 'c'].entries()) {
      const face = group[i];
      if (face === undefined) throw new Error('A face of the group is missing.');
      for (const name of portraits.filter((portrait) => portrait.endsWith('1'))) {
        const { faceprint } = await onlyFace(sample(`person-${name}`));
        const distance = faceDistance(face.faceprint, faceprint);
        if (name.startsWith(person)) expect(distance).toBeLessThan(0.5);
        else expect(distance).toBeGreaterThan(0.5);
      }
    }
  });

  test('an EXIF-rotated copy gives the boxes of the upright picture', async () => {
    const upright = await sharp(sample('sign')).png().toBuffer();
    const stored = await sharp(upright).rotate(270).png().toBuffer();
    const copy = await sharp(stored).withMetadata({ orientation: 6 }).png().toBuffer();
    const parts = ['info', 'faces', 'text', 'objects'] as const;
    const expected = await analyzer.analyze(upright, parts);
    const found = await analyzer.analyze(copy, parts);
    expect(found.info).toEqual(expected.info);
    expect(found.faces.map((face) => face.box)).toEqual(expected.faces.map((face) => face.box));
    expect(found.text).toEqual(expected.text);
    expect(found.objects).toEqual(expected.objects);
  });

  test('a photograph larger than the models work on gives boxes in its own pixels', async () => {
    const { box } = await onlyFace(sample('person-c-1'));
    const large = await onlyFace(
      await sharp(sample('person-c-1'))
        .resize(768 * 4)
        .jpeg()
        .toBuffer(),
    );
    for (const key of ['left', 'top', 'width', 'height'] as const) {
      expect(Math.abs(large.box[key] / 4 - box[key])).toBeLessThan(12);
    }
  });
});

describe('text', () => {
  test('a drawn sign is read exactly, with words where they stand', async () => {
    const { lines, angle } = await textOf(await drawSign(['WATER', 'FIRE EXIT', '42']).png().toBuffer());
    expect(lines.map((line) => line.text)).toEqual(['WATER', 'FIRE EXIT', '42']);
    expect(Math.abs(angle)).toBeLessThan(2);
    const words = lines[1]?.words ?? [];
    expect(words.map((word) => word.text)).toEqual(['FIRE', 'EXIT']);
    // FIRE is drawn from x = 60 to 280, EXIT from 360 to 580, both from y = 180 to 240.
    for (const [i, [left, right]] of [
      [60, 280],
      [360, 580],
    ].entries()) {
      const box = bounds(words[i]?.quad ?? []);
      expect(Math.abs(box.left - (left ?? 0))).toBeLessThan(25);
      expect(Math.abs(box.right - (right ?? 0))).toBeLessThan(25);
      expect(box.top).toBeGreaterThan(150);
      expect(box.bottom).toBeLessThan(270);
    }
  });

  test.each([90, 180, 270])(
    'a page turned by %i degrees is read in its own order, and says how it is turned',
    async (turn) => {
      const sign = await drawSign(['WATER', 'FIRE EXIT', '42']).png().toBuffer();
      const { lines, angle } = await textOf(await sharp(sign).rotate(turn).png().toBuffer());
      expect(lines.map((line) => line.text)).toEqual(['WATER', 'FIRE EXIT', '42']);
      expect(Math.abs(((angle - turn + 540) % 360) - 180)).toBeLessThan(2);
      // The quad starts at the text's own top left: its first side runs along the text.
      const [a, b] = lines[0]?.quad ?? [];
      const along = Math.atan2((b?.y ?? 0) - (a?.y ?? 0), (b?.x ?? 0) - (a?.x ?? 0));
      expect(Math.cos(along - (turn * Math.PI) / 180)).toBeGreaterThan(0.99);
    },
  );

  test('black text on transparent ground is read', async () => {
    const clear = await drawSign(['MEDICAL TENT'], { paper: undefined, width: 900 }).png().toBuffer();
    expect((await sharp(clear).stats()).isOpaque).toBe(false);
    expect(await linesOf(clear)).toEqual(['MEDICAL TENT']);
  });

  test('two columns are read one after the other', async () => {
    const left = ['THE SCHOOL', 'IS CLOSED', 'UNTIL NOON'];
    const right = ['WATER HERE', 'FOR PEOPLE', 'ON FOOT'];
    const lines = left.map((line, i) => `${line.padEnd(18)}${right[i]}`);
    expect(await linesOf(await drawSign(lines, { width: 1800 }).png().toBuffer())).toEqual([
      ...left,
      ...right,
    ]);
  });

  test('the sign of the samples reads REUNION, CENTRE, 42, beside one face', async () => {
    expect(await linesOf(sample('sign'))).toEqual(['REUNION', 'CENTRE', '42']);
    expect(await facesOf(sample('sign'))).toHaveLength(1);
  });

  test.each(['white', '#203060'])('letters in %s on a transparent ground are read', async (ink) => {
    const clear = drawSign(['MEDICAL TENT'], { paper: undefined, ink, width: 900 });
    expect(await linesOf(await clear.png().toBuffer())).toEqual(['MEDICAL TENT']);
  });

  test('no text is invented on portraits', async () => {
    for (const name of ['person-a-1', 'person-c-1', 'group']) expect(await linesOf(sample(name))).toEqual([]);
  });
});

describe('the picture as a whole', () => {
  test('a greyscale picture is black and white, its colour original is not', async () => {
    const grey = await sharp(sample('person-a-1')).greyscale().jpeg().toBuffer();
    expect((await analyzer.analyze(grey, ['colour'])).colour.blackAndWhite).toBe(true);
    expect((await analyzer.analyze(sample('person-a-1'), ['colour'])).colour.blackAndWhite).toBe(false);
  });

  test('colours are named, in the middle, at the edge and over all', async () => {
    const red = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#c81e28' } })
      .png()
      .toBuffer();
    const poster = sharp({ create: { width: 320, height: 320, channels: 3, background: '#ffffff' } });
    const bytes = await poster
      .composite([{ input: red, gravity: 'centre' }])
      .png()
      .toBuffer();
    const { colour } = await analyzer.analyze(bytes, ['colour']);
    expect(colour).toMatchObject({
      dominantForeground: 'Red',
      dominantBackground: 'White',
      blackAndWhite: false,
    });
    expect(colour.dominant).toEqual(['White', 'Red']);
    const accent = [0, 2, 4].map((at) => Number.parseInt(colour.accent.slice(at, at + 2), 16));
    for (const [i, channel] of [0xc8, 0x1e, 0x28].entries()) {
      expect(Math.abs((accent[i] ?? 0) - channel)).toBeLessThan(6);
    }
  });

  test('the group shows people, each box within the picture', async () => {
    const { objects } = await analyzer.analyze(sample('group'), ['objects']);
    const people = objects.filter(({ label }) => label === 'person');
    expect(people.length).toBeGreaterThanOrEqual(3);
    for (const { box, score } of people) {
      expect(score).toBeGreaterThanOrEqual(0.25);
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.left + box.width).toBeLessThanOrEqual(1200.001);
      expect(box.top + box.height).toBeLessThanOrEqual(800.001);
    }
  });

  test('ordinary portraits score low as adult', async () => {
    const { adult } = await analyzer.analyze(sample('person-b-1'), ['adult']);
    expect(adult.adult).toBeLessThan(0.2);
    expect(adult.racy).toBeGreaterThanOrEqual(adult.adult);
  });
});

describe('the analyzer', () => {
  test('what does not decode is refused by name, whatever is asked, and the next image is served', async () => {
    await expect(analyzer.analyze(Buffer.from('<svg/>'), ['faces', 'text'])).rejects.toThrow(
      UndecodableImageError,
    );
    await expect(analyzer.analyze(sample('sign').subarray(0, 9000), ['info'])).rejects.toThrow(
      UndecodableImageError,
    );
    const { info } = await analyzer.analyze(sample('sign'), ['info']);
    expect(info).toEqual({ width: 960, height: 768, format: 'Jpeg' });
  });

  test('a caller may change its results without harm to the next', async () => {
    const first = await facesOf(sample('group'));
    first.length = 0;
    expect(await facesOf(sample('group'))).toHaveLength(4);
  });
});

describe.runIf(photographsPresent)('real photographs', () => {
  test('the two men match their portraits, one each, and nobody else', async () => {
    const [obama, biden, astronaut] = await Promise.all(
      ['obama.jpg', 'biden.jpg', 'astronaut.png'].map((name) => onlyFace(photograph(name))),
    );
    const pair = await facesOf(photograph('two_people.jpg'));
    expect(pair).toHaveLength(2);
    const near = (portrait: AnalyzedFace | undefined) =>
      pair.map((face) => faceDistance(face.faceprint, portrait?.faceprint ?? []) < GROUPING_DISTANCE);
    expect(near(obama)).toEqual([true, false]);
    expect(near(biden)).toEqual([false, true]);
    expect(near(astronaut)).toEqual([false, false]);
  });
});
