import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../src/api/routes.ts';
import { tables } from '../../src/storage/names.ts';
import { form, type OpenApi, openApi, photograph } from '../support/api.ts';

let api: OpenApi;
let calls: string[] = [];
beforeAll(async () => {
  api = await openApi({ FACE_RECOGNITION: 'off' });
  // Everything the app asks of the vision services goes through these two.
  const { face } = api.app.vision();
  const detect = face.detect.bind(face);
  Object.assign(face, {
    detect: (...[bytes, options, signal]: Parameters<typeof detect>) => {
      calls.push(options.faceId ? 'faceprint' : 'detect');
      return detect(bytes, options, signal);
    },
  });
  for (const list of [face.lists, face.largeLists]) {
    for (const name of Object.keys(list)) {
      const method = (list as unknown as Record<string, (...given: unknown[]) => unknown>)[name];
      Object.assign(list, {
        [name]: (...given: unknown[]) => {
          calls.push(name);
          return method?.apply(list, given);
        },
      });
    }
  }
});
afterAll(() => api?.stop());

test('with FACE_RECOGNITION off faces are found and cut out, and nobody is recognised', async () => {
  const face = { person: 1, box: { left: 40, top: 60, width: 180, height: 180 } };
  const { json } = await api.upload(`${routes.uploads}?batch=album`, [
    { name: 'one.jpg', bytes: await photograph({ faces: [face] }, 1) },
    { name: 'two.jpg', bytes: await photograph({ faces: [face] }, 2) },
  ]);
  calls = [];
  await api.drain();
  for (const { id } of json.files) {
    const { result } = (await api.get(routes.image(id))).json;
    expect(result).toMatchObject({
      status: 'done',
      matches: [],
      faces: [{ enrolled: false, hasCrop: true }],
    });
    for (const step of ['faceprint', 'facematch']) {
      expect(result.steps).toContainEqual(
        expect.objectContaining({
          step,
          state: 'unavailable',
          error: expect.objectContaining({ code: 'FaceRecognitionOff' }),
        }),
      );
    }
    expect(JSON.stringify(result.output)).not.toContain('faceId');
  }
  expect(calls).toEqual(['detect', 'detect']);
  const enrolled = [];
  for await (const row of api.app.storage.tables.table(tables.faceIndex).list({})) enrolled.push(row);
  expect(enrolled).toEqual([]);
  const search = await api.ask(
    'POST',
    routes.faceSearch,
    form([{ name: 'x.jpg', bytes: await photograph({ faces: [face] }, 3) }]),
  );
  expect(search.json).toMatchObject({ status: 403, code: 'FaceRecognitionOff' });
  expect((await api.get(routes.pipeline)).json).toMatchObject({ limitedAccess: false });
});
