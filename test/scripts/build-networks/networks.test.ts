import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildNetworks } from '../../../scripts/build-networks/build.ts';
import { SOURCES } from '../../../scripts/build-networks/networks.ts';
import { startTensorFlow } from '../../../scripts/build-networks/tensorflow.ts';
import { decodeImage } from '../../../src/local/vision/models/decode.ts';
import { stretch } from '../../../src/local/vision/models/pixels.ts';
import { openNetwork } from '../../../src/local/vision/models/session.ts';
import { sample } from '../../local/vision/models/support/images.ts';
import { largestDifference } from './compare.ts';

const { tf } = await startTensorFlow();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-networks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(SOURCES)('$signature.name says of photographs what its package says', async (source) => {
  const { signature, input, load } = source;
  const [height = 0, width = 0] = input;
  const network = await openNetwork(signature.name, signature.outputs);
  const run = await load(tf);
  for (const name of ['person-a-1', 'group']) {
    const { data } = await stretch((await decodeImage(sample(name))).pixels, width, height);
    const values = Float32Array.from(data);
    const got = await network(signature.inputType === 'uint8' ? data : values);
    const expected = await run(tf.tensor(values, [...input]));
    for (const [i, output] of signature.outputs.entries()) {
      const { difference, value } = largestDifference(expected[i]?.dataSync() ?? [], got[output] ?? []);
      expect(difference, `${output} of ${name}`).toBeLessThan(1e-4 * Math.max(1, value));
    }
  }
});

test('the same sources make the same bytes, and only what has changed is made again', async () => {
  const [landmarks] = SOURCES.filter(({ signature }) => signature.name === 'face-landmarks');
  const sources = [landmarks as (typeof SOURCES)[number]];
  const file = join(folder, 'face-landmarks.onnx');
  expect(await buildNetworks(folder, sources)).toHaveLength(1);
  const first = await readFile(file);
  expect(await buildNetworks(folder, sources)).toEqual([]);
  await writeFile(join(folder, 'face-landmarks.source'), 'another source');
  expect(await buildNetworks(folder, sources)).toEqual([{ name: 'face-landmarks', bytes: first.length }]);
  expect((await readFile(file)).equals(first)).toBe(true);
  expect((await stat(file)).size).toBe(first.length);
});
