import { expect, test } from 'vitest';
import { decodeImage } from '../../../../src/local/vision/models/decode.ts';
import { findText } from '../../../../src/local/vision/models/text-detection.ts';
import { loadTextNets } from '../../../../src/local/vision/models/text-nets.ts';
import { sample } from './support/images.ts';

/** What is found, and the longer side of each copy that the detector saw. */
async function look(name: string) {
  const nets = await loadTextNets();
  const sides: number[] = [];
  const { pixels } = await decodeImage(sample(name));
  const found = await findText(
    {
      ...nets,
      detect: (image) => {
        sides.push(Math.max(image.width, image.height));
        return nets.detect(image);
      },
    },
    pixels,
    false,
  );
  return { found, sides };
}

test('a face that the detector takes for text costs no second look', async () => {
  expect(await look('person-c-1')).toEqual({ found: [], sides: [480] });
});

test('a sign seen at a look is looked at again, larger', async () => {
  const { found, sides } = await look('sign');
  expect(sides).toEqual([480, 960]);
  expect(found).toHaveLength(3);
});
