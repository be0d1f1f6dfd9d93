import { describe, expect, test } from 'vitest';
import type { ImagePage, ReviewPage } from '../../src/api/contract.ts';
import { pathId, routes } from '../../src/api/routes.ts';
import { containers } from '../../src/storage/names.ts';
import { form, openApi, photograph } from '../support/api.ts';
import { tiff } from '../support/images.ts';

import { stage } from '../support/scene.ts';
import { face, openAlbum } from './album.ts';
import { pipelineOperations } from './pipeline-operations.ts';
import { whoMay } from './who-may.ts';

const album = await stage(openAlbum());
const { api, id, uploadTo, image } = album;

describe('uploads', () => {
  test('each file is answered for by itself: what is no photograph is refused and keeps no other out', async () => {
    const { status, json } = await uploadTo('mixed', [
      { name: 'notes.jpg', bytes: Buffer.from('just text') },
      { name: 'empty.jpg', bytes: Buffer.alloc(0) },
      { name: 'good.jpg', bytes: await photograph({}, 11) },
    ]);
    expect(status).toBe(200);
    expect(json.files.map((file: { accepted: boolean }) => file.accepted)).toEqual([false, false, true]);
    expect(json.files[0].problem.code).toBe('NotAnImage');
    expect(json.files[1].problem.code).toBe('EmptyImage');
    expect(await api.app.storage.blobs.head(containers.input, json.files[2].blobName)).toBeDefined();
  });

  test('another photograph of the same name never takes the place of the first; the same one is not doubled', async () => {
    const [first, other] = [await photograph({}, 12), await photograph({}, 13)];
    const names = async (bytes: Buffer) =>
      (await uploadTo('twice', [{ name: 'a.jpg', bytes }])).json.files[0] as { blobName: string; id: string };
    const one = await names(first);
    const two = await names(other);
    expect([one.blobName, two.blobName]).toEqual(['twice/a.jpg', 'twice/a (2).jpg']);
    expect(await names(first)).toEqual(one);
    expect(await names(other)).toEqual(two);
  });

  test('a batch name that would land elsewhere is refused', async () => {
    for (const batch of ['a/../x', '../y', 'a/./b', '..']) {
      const { status, json } = await api.upload(`${routes.uploads}?batch=${encodeURIComponent(batch)}`, [
        { name: 'a.jpg', bytes: await photograph({}, 77) },
      ]);
      expect(status, batch).toBe(400);
      expect(json.detail).toContain('No part of the name');
    }
  });

  test.for([
    ['../../etc/passwd.jpg', 'x', 'x/passwd.jpg'],
    ['C:\\Users\\me\\photo.png', 'x', 'x/photo.png'],
    ['.htaccess', 'x', 'x/htaccess.jpg'],
    ['a\u202egpj.exe', 'y/z', 'y/z/a_gpj.exe'],
    ['  ', 'x', 'x/image.jpg'],
    ['Zoë 日本 #1?.jpeg', 'naïve album', 'naïve album/Zoë 日本 _1_.jpeg'],
  ])('the name %j in the batch %j becomes the blob %s', async ([name, batch, blobName]) => {
    const bytes = await photograph({}, 20);
    const { json } = await uploadTo(batch as string, [{ name: name as string, bytes }]);
    expect(json.files[0].blobName).toBe(blobName);
  });

  test('a form that is none, is broken, or has nothing in it is refused with a reason', async () => {
    const { headers, body } = form([{ name: 'a.jpg', bytes: await photograph() }]);
    const ask = (asked: object) => api.ask('POST', routes.uploads, asked);
    expect((await ask({ body: '{}', headers: { 'content-type': 'application/json' } })).json.code).toBe(
      'FormExpected',
    );
    expect((await ask({ headers, body: (body as Buffer).subarray(0, 500) })).json.code).toBe('BrokenForm');
    expect((await ask({ headers: { 'content-type': 'multipart/form-data' }, body })).status).toBe(415);
    expect((await ask(form([]))).json.code).toMatch(/FileExpected|BrokenForm/);
    expect((await api.upload(`${routes.uploads}?batch=...`, [])).json.status).toBe(400);
  });

  test('a file above the limit is refused while it comes in', async () => {
    const small = await openApi({ MAX_IMAGE_BYTES: '10000' });
    try {
      const big = Buffer.concat([await photograph({}, 1), Buffer.alloc(20_000)]);
      const { json } = await small.upload(routes.uploads, [{ name: 'big.jpg', bytes: big }]);
      expect(json.files[0]).toMatchObject({ accepted: false, problem: { code: 'ImageTooManyBytes' } });
    } finally {
      await small.stop();
    }
  });
});

describe('images', () => {
  test('one image comes with what was found, where it is, and how it came about', async () => {
    const two = await image('two.jpg');
    expect(two).toMatchObject({ batchId: 'album', name: 'two.jpg', underWay: false, deadLetters: [] });
    expect(two.result).toMatchObject({ status: 'done', width: 640, height: 480, reason: null });
    expect(two.result?.faces).toHaveLength(2);
    expect(two.result?.faces[0]).toMatchObject({ hasCrop: true, enrolled: true });
    expect(two.result?.matches).toHaveLength(1);
    expect(two.result?.matches[0]).toMatchObject({
      other: { imageId: id('one.jpg'), name: 'one.jpg', batchId: 'album', hasCrop: true, imageWidth: 640 },
      decision: null,
    });
    expect(two.timeline?.steps.map(({ state }) => state)).toEqual(two.timeline?.steps.map(() => 'done'));
    expect(two.timeline?.steps.map(({ step }) => step)).toEqual(api.app.pipeline);
  });

  test('the other image shows the same pair, and recognised text has its places', async () => {
    expect((await image('one.jpg')).result?.matches[0]?.other.imageId).toBe(id('two.jpg'));
    const read = (await image('sign.jpg')).result;
    expect(read?.text).toBe('Family Reunion');
    expect(read?.textLines[0]?.text).toBe('Family Reunion');
    expect(read?.textLines[0]?.box).toHaveLength(8);
  });

  test('a broken file is an image that says why, and has no picture to show', async () => {
    const { json } = await api.get(`${routes.images}?status=rejected`);
    const [broken] = (json as ImagePage).images;
    expect(broken).toMatchObject({ name: 'broken.jpg', reason: { code: 'BrokenImage' } });
    expect((await api.get(routes.imageContent(broken?.id ?? ''))).json.code).toBe('NoPicture');
    expect((await api.get(routes.imageThumbnail(broken?.id ?? ''))).json.code).toBe('NoPicture');
    const original = await api.get(routes.imageOriginal(broken?.id ?? ''));
    expect(original.headers['content-disposition']).toMatch(/^attachment; filename="broken.jpg"/);
  });

  test.for([
    ['batch=album', ['one.jpg', 'two.jpg', 'sign.jpg', 'broken.jpg']],
    ['batch=album&status=done&minFaces=1', ['one.jpg', 'two.jpg']],
    ['minFaces=2', ['two.jpg']],
    ['text=reunion', ['sign.jpg']],
    ['text=reun*%20fam*', ['sign.jpg']],
    ['text=reun', []],
    ['tag=person&tag=nothing', []],
    ['batch=scans%2Fold%20ones', ['scan.tif']],
    ['from=2100-01-01T00:00:00Z', []],
  ] as const)('the list for %s', async ([query, names]) => {
    const { json } = await api.get(`${routes.images}?${query}`);
    expect((json as ImagePage).images.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  test('pages follow one another, each image once', async () => {
    const names: string[] = [];
    let after: string | null = null;
    do {
      const more: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
      const page: ImagePage = (await api.get(`${routes.images}?batch=album&limit=1${more}`)).json;
      names.push(...page.images.map(({ name }) => name));
      after = page.next;
    } while (after !== null);
    expect(names.sort()).toEqual(['broken.jpg', 'one.jpg', 'sign.jpg', 'two.jpg']);
  });

  test.for([
    ['limit=0', 'query.limit'],
    ['limit=x', 'query.limit'],
    ['status=fine', 'query.status'],
    ['from=yesterday', 'query.from'],
    ['color=red', 'query'],
  ])('a wrong input is named: %s', async ([query, path]) => {
    const { status, json } = await api.get(`${routes.images}?${query}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ code: 'InvalidInput', errors: [{ path }] });
  });

  test('a cursor of nobody is refused', async () => {
    for (const after of ['x', Buffer.from('["a"]').toString('base64url'), pathId('{}')]) {
      expect((await api.get(`${routes.images}?after=${after}`)).json.code).toBe('InvalidCursor');
    }
  });

  test('an unknown image is not found, whatever its id looks like', async () => {
    for (const unknown of ['nobody', '../../inputimages/album/one.jpg', 'a/b', '~', '%00']) {
      expect((await api.get(routes.image(unknown))).status).toBe(404);
      expect((await api.get(routes.imageContent(unknown))).status).toBe(404);
    }
    expect((await api.get('/api/images/~%21%21')).status).toBe(404);
    // Clients of storage fold a segment of dots away, and would ask for something else.
    for (const id of ['..%2Fx', '~Li4veA', '..%2F..%2Fa', 'a%2F..%2F..%2Fb', '..%5Cx', '~Lg']) {
      expect([id, (await api.get(`/api/images/${id}`)).status]).toEqual([id, 404]);
      expect([id, (await api.get(`/api/faces/${id}/crop`)).status]).toEqual([id, 404]);
    }
  });
});

describe('pictures', () => {
  test('content, thumbnail and crop are images by their content, kept by their ETag', async () => {
    const [crop] = (await image('one.jpg')).result?.faces ?? [];
    for (const address of [
      routes.imageContent(id('one.jpg')),
      routes.imageThumbnail(id('one.jpg')),
      routes.faceCrop(crop?.key ?? ''),
    ]) {
      const { status, headers, bytes } = await api.get(address);
      expect(status).toBe(200);
      expect(headers['content-type']).toBe('image/jpeg');
      expect(headers['content-disposition']).toBe('inline');
      expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
      const again = await api.get(address, { 'if-none-match': headers.etag ?? '' });
      expect(again.status).toBe(304);
      expect((await api.get(address, { 'if-none-match': '"other"' })).status).toBe(200);
    }
  });

  test('what browsers cannot show is shown as its rendition, and saved as it was', async () => {
    const shown = await api.get(routes.imageContent(id('scan.tif')));
    expect(shown.headers['content-type']).toBe('image/jpeg');
    const saved = await api.get(routes.imageOriginal(id('scan.tif')));
    expect(saved.headers['content-type']).toBe('application/octet-stream');
    expect(saved.bytes.equals(await tiff())).toBe(true);
  });

  test('an image that was overwritten or deleted is gone, and never another one', async () => {
    const name = 'album/short lived.jpg';
    const { json } = await uploadTo('album', [{ name: 'short lived.jpg', bytes: await photograph({}, 30) }]);
    await api.drain();
    await api.app.storage.blobs.write(containers.input, name, await photograph({}, 31), 'image/jpeg');
    expect((await api.get(routes.imageContent(json.files[0].id))).json.code).toBe('ImageChanged');
    expect((await api.get(routes.imageOriginal(json.files[0].id))).json.code).toBe('ImageChanged');
    await api.app.storage.blobs.delete(containers.input, name);
    expect((await api.get(routes.imageContent(json.files[0].id))).status).toBe(410);
  });

  test('a crop that was deleted, with its container or alone, is cut again', async () => {
    const [face] = (await image('one.jpg')).result?.faces ?? [];
    const address = routes.faceCrop(face?.key ?? '');
    const before = await api.get(address);
    const { blobs } = api.app.storage;
    for await (const { name } of blobs.list(containers.faces)) await blobs.delete(containers.faces, name);
    const after = await api.get(address);
    expect([after.status, after.headers['content-type']]).toEqual([200, 'image/jpeg']);
    expect(after.bytes.equals(before.bytes)).toBe(true);
    expect((await api.get(address, { 'if-none-match': after.headers.etag ?? '' })).status).toBe(304);
  });

  test('a face names a crop only if it has a row', async () => {
    for (const key of ['nobody-1', '../inputimages/album/one.jpg', `${id('one.jpg')}-99`]) {
      expect((await api.get(routes.faceCrop(key))).status).toBe(404);
    }
  });
});

describe('matches', () => {
  const pairOf = async () => {
    const match =
      (await image('one.jpg')).result?.matches[0] ?? (await image('one.jpg')).result?.rejectedMatches[0];
    return [match?.face ?? '', match?.other.face ?? ''] as const;
  };

  test('a rejected pair is suggested nowhere, also after a rerun, until that is taken back', async () => {
    const [own, other] = await pairOf();
    const queue = async () => ((await api.get(routes.review)).json as ReviewPage).items.length;
    expect(await queue()).toBe(1);
    const decided = await api.send('PUT', routes.decision(other, own), { verdict: 'notSame' });
    expect(decided.json).toMatchObject({ verdict: 'notSame', by: 'local' });
    expect(await queue()).toBe(0);

    const rerun = await api.send('POST', routes.imageRerun(id('one.jpg')), { steps: ['facematch'] });
    expect(rerun.json).toEqual({ run: 1 });
    await api.drain();
    for (const name of ['one.jpg', 'two.jpg']) {
      const { result } = await image(name);
      expect(result?.matches).toEqual([]);
      expect(result?.rejectedMatches).toHaveLength(1);
      expect(JSON.stringify(result?.output.facematch)).not.toContain('other_face_key');
    }
    expect((await image('one.jpg')).result?.run).toBe(1);
    expect((await api.get(routes.faceMatches(own))).json).toMatchObject({
      matches: [],
      rejectedMatches: [{}],
    });

    await api.send('PUT', routes.decision(own, other), { verdict: 'undecided' });
    expect(await queue()).toBe(1);
    expect((await image('two.jpg')).result?.matches).toHaveLength(1);
  });

  test('a confirmed pair leaves the queue and stays', async () => {
    const [own, other] = await pairOf();
    await api.send('PUT', routes.decision(own, other), { verdict: 'confirmed' });
    expect(((await api.get(routes.review)).json as ReviewPage).items).toEqual([]);
    expect((await image('one.jpg')).result?.matches[0]?.decision?.verdict).toBe('confirmed');
    await api.send('PUT', routes.decision(own, other), { verdict: 'undecided' });
  });

  test('only what was suggested can be decided, and only by the three words', async () => {
    const [own] = await pairOf();
    expect((await api.send('PUT', routes.decision(own, 'nobody-1'), { verdict: 'confirmed' })).status).toBe(
      404,
    );
    expect((await api.send('PUT', routes.decision(own, own), { verdict: 'confirmed' })).status).toBe(422);
    expect((await api.send('PUT', routes.decision(own, 'x'), { verdict: 'maybe' })).json.code).toBe(
      'InvalidInput',
    );
    expect((await api.ask('PUT', routes.decision(own, 'x'), { body: 'verdict=confirmed' })).status).toBe(415);
    const headers = { 'content-type': 'application/json' };
    expect((await api.ask('PUT', routes.decision(own, 'x'), { body: '{', headers })).json.code).toBe(
      'InvalidJson',
    );
  });

  test('a photograph finds the faces that are enrolled, and leaves nothing behind', async () => {
    const before = [];
    for await (const blob of api.app.storage.blobs.list(containers.input)) before.push(blob.name);
    const search = await api.ask(
      'POST',
      routes.faceSearch,
      form([{ name: 'who.jpg', bytes: await photograph({ faces: [face(2), face(9, 300)] }, 40) }]),
    );
    expect(search.json).toMatchObject({ width: 640, height: 480 });
    const found = search.json.faces.map((one: { matches: { other: { imageId: string } }[] }) =>
      one.matches.map(({ other }) => other.imageId),
    );
    expect(found).toEqual([[id('two.jpg')], []]);
    const after = [];
    for await (const blob of api.app.storage.blobs.list(containers.input)) after.push(blob.name);
    expect(after).toEqual(before);
    const again = await api.ask(
      'POST',
      routes.faceSearch,
      form([{ name: 'who.jpg', bytes: await photograph({ faces: [face(9)] }, 41) }]),
    );
    expect(again.json.faces[0].matches).toEqual([]);
  });

  test('a search with what is no photograph says so', async () => {
    const search = (bytes: Buffer) => api.ask('POST', routes.faceSearch, form([{ name: 'x', bytes }]));
    expect((await search(Buffer.from('text'))).json).toMatchObject({ status: 422, code: 'NotAnImage' });
    expect((await api.ask('POST', routes.faceSearch, { body: 'x' })).status).toBe(415);
  });
});

pipelineOperations(album);
whoMay(album);
