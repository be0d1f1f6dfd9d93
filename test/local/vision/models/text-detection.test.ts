import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../../../src/local/vision/models/decode.ts';
import { findText } from '../../../../src/local/vision/models/text-detection.ts';
import { loadTextNets } from '../../../../src/local/vision/models/text-nets.ts';
import { sample } from './support/images.ts';
import { drawSign } from './support/sign.ts';

/** What is found, and the longer side of each copy that the detector saw. */
async function look(picture: Buffer) {
  const nets = await loadTextNets();
  const sides: number[] = [];
  const frame = await decodeImage(picture);
  let detailed = false;
  const { view, regions } = await findText(
    {
      ...nets,
      detect: (image) => {
        sides.push(Math.max(image.width, image.height));
        return nets.detect(image);
      },
    },
    {
      ...frame,
      detail: () => {
        detailed = true;
        return frame.detail();
      },
    },
    false,
  );
  return { regions, sides, detailed, seen: view.pixels.width };
}

test('a face that the detector takes for text costs no second look', async () => {
  expect(await look(sample('person-c-1'))).toMatchObject({ regions: [], sides: [480] });
});

test('a sign seen at a look is looked at again, larger', async () => {
  const { regions, sides } = await look(sample('sign'));
  expect(sides).toEqual([480, 960]);
  expect(regions).toHaveLength(3);
});

describe('of a large JPEG', () => {
  const enlarged = (picture: Buffer, width: number) =>
    sharp(picture).resize({ width }).jpeg({ quality: 90 }).toBuffer();

  test('that shows no text nothing but the overview is unpacked', async () => {
    const seen = await look(await enlarged(sample('person-c-1'), 3200));
    expect(seen).toMatchObject({ regions: [], sides: [480], detailed: false, seen: 1024 });
  });

  test('the text is found in the detail', async () => {
    const seen = await look(await enlarged(sample('sign'), 4000));
    expect(seen).toMatchObject({ sides: [480, 960], detailed: true, seen: 2560 });
    expect(seen.regions).toHaveLength(3);
  });

  test('small print, which no look at an overview shows, is found', async () => {
    const lines = Array.from({ length: 30 }, () => 'THE FIRST TENT IS FOR WATER AND FOOD AND THE SECOND');
    const page = drawSign(lines, { width: 7000, height: 9900, left: 400, top: 400 });
    const scan = await enlarged(await page.png().toBuffer(), 3000);
    const seen = await look(scan);
    expect(seen.detailed).toBe(true);
    expect(seen.regions.length).toBeGreaterThanOrEqual(30);
  });
});
