import { createHash } from 'node:crypto';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BLOCK_BYTES, blockCount, HEAD_BYTES } from '../../src/api/contract/blocks.ts';
import type { UploadedFile, UploadPlan } from '../../src/api/contract.ts';
import { routes } from '../../src/api/routes.ts';
import { containers } from '../../src/storage/names.ts';
import { form, type OpenApi, openApi } from '../support/api.ts';
import { noiseBmp } from '../support/noise-bmp.ts';

let api: OpenApi;
/** Of two blocks, as everything here. */
const photograph = noiseBmp(2000, 1500, 1);
const another = noiseBmp(2000, 1500, 2);

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api?.stop());

const cut = (bytes: Buffer) =>
  Array.from({ length: blockCount(bytes.length) }, (_, block) =>
    bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES),
  );
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const describeFile = (name: string, bytes: Buffer) => ({
  name,
  bytes: bytes.length,
  blocks: cut(bytes).map(sha256),
});
type Send = NonNullable<UploadPlan['send']>;

/** The calls of one upload into a batch, each by itself. */
const sending = (name: string, bytes: Buffer, batch: string, on: OpenApi = api) => ({
  plan: (head = bytes.subarray(0, HEAD_BYTES)) =>
    on.send('POST', `${routes.uploadPlan}?batch=${batch}`, {
      ...describeFile(name, bytes),
      head: head.toString('base64'),
    }),
  block: (block: number, { number, format }: Send, part = cut(bytes)[block] ?? Buffer.alloc(0)) =>
    on.ask(
      'PUT',
      `${routes.uploadBlock(String(block))}?batch=${batch}&number=${number}&format=${format}`,
      form([{ name, bytes: part }]),
    ),
  commit: ({ number, format }: Send) =>
    on.send('POST', `${routes.uploadCommit}?batch=${batch}`, {
      ...describeFile(name, bytes),
      number,
      format,
    }),
});

async function sendAll(name: string, bytes: Buffer, batch: string): Promise<UploadedFile> {
  const calls = sending(name, bytes, batch);
  const plan: UploadPlan = (await calls.plan()).json;
  if (plan.file) return plan.file;
  const send = plan.send as Send;
  for (const block of cut(bytes).keys()) expect((await calls.block(block, send)).status).toBe(204);
  return (await calls.commit(send)).json.files[0];
}

const bytesOf = async (blobName: string) => {
  const there = await api.app.storage.blobs.read(containers.input, blobName);
  return typeof there === 'object' ? there : undefined;
};
const listed = async (batch: string) => {
  const names: string[] = [];
  for await (const { name } of api.app.storage.blobs.list(containers.input, `${batch}/`)) names.push(name);
  return names;
};
const plain: Send = { number: 1, format: 'bmp', blockBytes: BLOCK_BYTES };

test('a file in blocks is there whole once it is committed, not before, and becomes an image as any other', async () => {
  const calls = sending('large.bmp', photograph, 'whole');
  const { batchId, file, send } = (await calls.plan()).json;
  expect({ batchId, file, send }).toEqual({ batchId: 'whole', file: null, send: plain });
  // In any order.
  for (const block of [1, 0]) expect((await calls.block(block, send)).status).toBe(204);
  expect(await listed('whole')).toEqual([]);
  const taken = (await calls.commit(send)).json.files[0];
  expect(taken).toMatchObject({ accepted: true, blobName: 'whole/large.bmp', problem: null });
  const there = await bytesOf('whole/large.bmp');
  expect(there?.contentType).toBe('image/bmp');
  expect(there?.bytes.equals(photograph)).toBe(true);
  await api.drain();
  expect((await api.get(routes.image(taken.id))).json.result).toMatchObject({ width: 2000, height: 1500 });
});

test('the same file again is the one that is there, sent in blocks or whole, and nothing of it has to be sent', async () => {
  const first = await sendAll('a.bmp', photograph, 'twice');
  expect(await sendAll('a.bmp', photograph, 'twice')).toEqual(first);
  const { json } = await api.upload(`${routes.uploads}?batch=twice`, [{ name: 'a.bmp', bytes: photograph }]);
  expect(json.files).toEqual([first]);
  const whole = (
    await api.upload(`${routes.uploads}?batch=other-way`, [{ name: 'a.bmp', bytes: photograph }])
  ).json.files[0];
  expect((await sending('a.bmp', photograph, 'other-way').plan()).json).toMatchObject({
    file: whole,
    send: null,
  });
  // The answer to a commit got lost, and it is asked for again.
  const again = await sending('a.bmp', photograph, 'twice').commit(plain);
  expect(again.json.files).toEqual([first]);
  expect(await listed('twice')).toEqual(['twice/a.bmp']);
});

test('another file of the same name gets the next one, and a name without an ending one', async () => {
  await sendAll('a.bmp', photograph, 'names');
  expect(await sendAll('a.bmp', another, 'names')).toMatchObject({ blobName: 'names/a (2).bmp' });
  expect(await sendAll('../up/.hidden', another, 'names')).toMatchObject({ blobName: 'names/hidden.bmp' });
  expect((await bytesOf('names/a.bmp'))?.bytes.equals(photograph)).toBe(true);
  expect((await bytesOf('names/a (2).bmp'))?.bytes.equals(another)).toBe(true);
});

test('a commit names the blocks that did not come, and takes nothing; a block may come twice', async () => {
  const calls = sending('late.bmp', photograph, 'missing');
  await calls.block(0, plain);
  await calls.block(0, plain);
  const early = await calls.commit(plain);
  expect(early).toMatchObject({ status: 409, json: { code: 'BlocksMissing' } });
  expect(early.json.detail).toContain('Of 2 blocks these did not come, or came garbled: 1.');
  // Garbled on its way: other bytes than the commit says.
  const garbled = Buffer.from(cut(photograph)[1] as Buffer);
  garbled.writeUInt8(garbled.readUInt8(9) ^ 1, 9);
  await calls.block(1, plain, garbled);
  expect((await calls.commit(plain)).json.code).toBe('BlocksMissing');
  expect(await listed('missing')).toEqual([]);
  await calls.block(1, plain);
  expect((await calls.commit(plain)).json.files[0].accepted).toBe(true);
  expect((await bytesOf('missing/late.bmp'))?.bytes.equals(photograph)).toBe(true);
});

test('of two commits at once of one file both are told of the same image; of two files the later asks for a new plan', async () => {
  const same = sending('s.bmp', photograph, 'race');
  for (const block of [0, 1]) await same.block(block, plain);
  const [one, two] = await Promise.all([same.commit(plain), same.commit(plain)]);
  expect(one.json.files[0]).toMatchObject({ accepted: true, blobName: 'race/s.bmp' });
  expect(two.json).toEqual(one.json);

  const [left, right] = [sending('d.bmp', photograph, 'race'), sending('d.bmp', another, 'race')];
  for (const block of [0, 1]) await Promise.all([left.block(block, plain), right.block(block, plain)]);
  const answers = await Promise.all([left.commit(plain), right.commit(plain)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)?.json.code).toBe('NameTaken');
  const won = answers[0]?.status === 200 ? photograph : another;
  expect((await bytesOf('race/d.bmp'))?.bytes.equals(won)).toBe(true);
  expect(await sendAll('d.bmp', won === photograph ? another : photograph, 'race')).toMatchObject({
    blobName: 'race/d (2).bmp',
  });
});

test('blocks of another program under the same name are left alone', async () => {
  const service = BlobServiceClient.fromConnectionString(
    api.app.settings.AzureWebJobsStorage as string,
  ).getContainerClient(containers.input);
  const theirs = service.getBlockBlobClient('shared/x.bmp');
  await theirs.stageBlock(Buffer.from('0001').toString('base64'), 'theirs', 6);
  expect(await sending('x.bmp', photograph, 'shared').block(0, plain)).toMatchObject({
    status: 409,
    json: { code: 'NameTaken' },
  });
  expect(await sendAll('x.bmp', photograph, 'shared')).toMatchObject({ blobName: 'shared/x (2).bmp' });
  expect((await theirs.getBlockList('uncommitted')).uncommittedBlocks).toHaveLength(1);
});

test('what is no photograph is refused before it is sent, and again where it was said to be one', async () => {
  const words = Buffer.alloc(BLOCK_BYTES + 1, 'word ');
  const calls = sending('words.bmp', words, 'refused');
  expect((await calls.plan()).json).toMatchObject({ send: null, file: { problem: { code: 'NotAnImage' } } });
  const lie = await calls.plan(photograph.subarray(0, HEAD_BYTES));
  expect(await calls.block(0, lie.json.send)).toMatchObject({ status: 422, json: { code: 'NotAnImage' } });
  await calls.block(1, plain);
  expect((await calls.commit(plain)).json.code).toBe('BlocksMissing');
  const wrong = await sending('a.bmp', photograph, 'refused').block(0, { ...plain, format: 'png' });
  expect(wrong).toMatchObject({ status: 422, json: { code: 'OtherFormat' } });
  expect((await sending('empty.bmp', Buffer.alloc(0), 'refused').plan()).json.file.problem.code).toBe(
    'EmptyImage',
  );
  const short = { ...describeFile('a.bmp', photograph), blocks: [sha256(photograph)] };
  expect(
    (await api.send('POST', routes.uploadCommit, { ...short, number: 1, format: 'bmp' })).json,
  ).toMatchObject({ status: 400, code: 'InvalidInput' });
  expect(await listed('refused')).toEqual([]);
});

test('a file above the limit is refused at each step', async () => {
  const small = await openApi({ MAX_IMAGE_BYTES: String(BLOCK_BYTES) });
  try {
    const calls = sending('large.bmp', photograph, 'cap', small);
    expect((await calls.plan()).json.file.problem.code).toBe('ImageTooManyBytes');
    expect(await calls.block(1, plain)).toMatchObject({ status: 413, json: { code: 'ImageTooManyBytes' } });
    expect(await calls.block(0, plain, photograph)).toMatchObject({
      status: 413,
      json: { code: 'BlockTooLarge' },
    });
    expect((await calls.commit(plain)).json.files[0].problem.code).toBe('ImageTooManyBytes');
  } finally {
    await small.stop();
  }
});

test('a viewer and another site may do none of it', async () => {
  const calls = () => {
    const { plan, block, commit } = sending('a.bmp', photograph, 'closed');
    return Promise.all([plan(), block(0, plain), commit(plain)]);
  };
  api.runOn({ kind: 'azure', authentication: false });
  const closed = await calls();
  api.runOn({ kind: 'azure', authentication: true });
  const nobody = await calls();
  const headers = viewer();
  const viewers = await Promise.all([
    api.ask('POST', routes.uploadPlan, { headers, body: '{}' }),
    api.ask('PUT', `${routes.uploadBlock('0')}?number=1&format=bmp`, { headers }),
    api.ask('POST', routes.uploadCommit, { headers, body: '{}' }),
  ]);
  api.runOn({ kind: 'loopback', port: 7071, user: 'local' });
  const foreign = await Promise.all(
    [routes.uploadPlan, routes.uploadCommit].map((path) =>
      api.ask('POST', path, { headers: { origin: 'http://evil.example' }, body: '{}' }),
    ),
  );
  const codes = (answers: { json: { code: string } }[]) => [...new Set(answers.map(({ json }) => json.code))];
  expect(codes(closed)).toEqual(['AuthenticationOff']);
  expect(nobody.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(codes(viewers)).toEqual(['RoleRequired']);
  expect(codes(foreign)).toEqual(['CrossSite']);
  expect(await listed('closed')).toEqual([]);
});

function viewer(): Record<string, string> {
  const principal = { auth_typ: 'aad', claims: [{ typ: 'roles', val: 'viewer' }] };
  return {
    host: 'app.example.org',
    'x-ms-client-principal': Buffer.from(JSON.stringify(principal)).toString('base64'),
  };
}
