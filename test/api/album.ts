import type { ImageDetail } from '../../src/api/contract.ts';
import { routes } from '../../src/api/routes.ts';
import type { AnalyzedText, AnalyzedWord } from '../../src/local/vision/analysis.ts';
import { containers } from '../../src/storage/names.ts';
import { openApi, photograph } from '../support/api.ts';
import { tiff } from '../support/images.ts';

export const face = (person: number, left = 40) => ({
  person,
  box: { left, top: 60, width: 180, height: 180 },
});
const quad = (left: number, right: number): AnalyzedWord['quad'] => [
  { x: left, y: 10 },
  { x: right, y: 10 },
  { x: right, y: 40 },
  { x: left, y: 40 },
];
const word = (text: string, left: number, right: number) => ({
  text,
  confidence: 0.95,
  quad: quad(left, right),
});
const sign: AnalyzedText = {
  lines: [
    {
      ...word('Family Reunion', 10, 200),
      words: [word('Family', 10, 100), word('Reunion', 105, 200)],
    },
  ],
  angle: 0,
};

/**
 * The API over two batches that went through the pipeline. `album`: `one.jpg` shows person 1, `two.jpg` persons 1 and 2,
 * `sign.jpg` has words, `broken.jpg` is no photograph. `scans/old ones`: `scan.tif`.
 */
export async function openAlbum() {
  const api = await openApi();
  const ids = new Map<string, string>();
  /** Job id by name of the uploaded file. */
  const id = (name: string): string => ids.get(name) ?? `no ${name}`;
  async function uploadTo(batch: string, files: { name: string; bytes: Buffer }[]) {
    const answer = await api.upload(`${routes.uploads}?batch=${encodeURIComponent(batch)}`, files);
    for (const file of answer.json.files) if (file.id !== null) ids.set(file.name, file.id);
    return answer;
  }
  const image = async (name: string): Promise<ImageDetail> => (await api.get(routes.image(id(name)))).json;

  try {
    await uploadTo('album', [
      { name: 'one.jpg', bytes: await photograph({ faces: [face(1)] }, 1) },
      { name: 'two.jpg', bytes: await photograph({ faces: [face(1), face(2, 300)] }, 2) },
      { name: 'sign.jpg', bytes: await photograph({ text: sign }, 3) },
    ]);
    await uploadTo('scans/old ones', [{ name: 'scan.tif', bytes: await tiff() }]);
    await api.app.storage.blobs.write(
      containers.input,
      'album/broken.jpg',
      Buffer.from('\xff\xd8\xff not really a photograph', 'latin1'),
      'image/jpeg',
    );
    await api.drain();
  } catch (error) {
    // The tests never run, and so nothing after them does.
    await api.stop();
    throw error;
  }
  return { api, id, uploadTo, image, stop: () => api.stop() };
}

export type Album = Awaited<ReturnType<typeof openAlbum>>;
