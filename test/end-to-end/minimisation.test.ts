import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredImage } from '../../src/results/rows.ts';
import { containers } from '../../src/storage/names.ts';
import { selfSignedCertificate } from '../support/certificate.ts';
import { METADATA_MARKERS, photographWithMetadata, quadrants } from '../support/images.ts';
import { projectRoot } from '../support/project-root.ts';
import { type EngineProcess, fileName, openStack, type Stack, startEngine } from '../support/stack.ts';
import { type Stub, startStub } from '../vision/support/stub-server.ts';

/** Names that nobody may read anywhere but where the image and its row are. */
const BATCH = 'Telltale Family Okonkwo';
const NAMES = [
  'Telltale Ada.jpg',
  'Telltale Ada again.jpg',
  'Telltale sign.jpg',
  'Telltale turned.webp',
  'Telltale broken.jpg',
];
const PARAMETER = 'Telltale parameter';
const TELLTALES = /telltale|okonkwo|Marker-Of-/i;

let engine: EngineProcess;
let insights: Stub;
let stack: Stack;
let data: string;
let logs = '';
let rows: StoredImage[];

const sample = (name: string) => readFileSync(join(projectRoot, 'samples', name));
const withExif = (bytes: Buffer) =>
  sharp(bytes)
    .withExif({ IFD0: { Make: METADATA_MARKERS[0], Artist: METADATA_MARKERS[1], Model: 'Telltale X100' } })
    .jpeg({ quality: 95 })
    .toBuffer();

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'imaginem-minimal-'));
  const certificate = selfSignedCertificate(['localhost']);
  const authority = join(data, 'ca.pem');
  writeFileSync(authority, certificate.cert);
  insights = await startStub(
    () => ({ body: { itemsReceived: 1, itemsAccepted: 1, errors: [] } }),
    certificate,
  );
  engine = await startEngine(['--data', join(data, 'engine')]);
  engine.process.stdout?.on('data', (chunk: Buffer) => (logs += chunk.toString()));
  engine.process.stderr?.on('data', (chunk: Buffer) => (logs += chunk.toString()));
  const key = '00000000-0000-4000-8000-000000000000';
  stack = await openStack(engine.url, {
    APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${key};IngestionEndpoint=${insights.url}/`,
    KEEP_EXIF: 'model',
    NODE_EXTRA_CA_CERTS: authority,
  });
  const host = stack.spawnHost();
  host.process.stdout?.on('data', (chunk: Buffer) => (logs += chunk.toString()));
  host.process.stderr?.on('data', (chunk: Buffer) => (logs += chunk.toString()));
  const [ada, again, sign, turned, broken] = NAMES as [string, string, string, string, string];
  await stack.drop(`${BATCH}/${ada}`, await withExif(sample('person-a-1.jpg')));
  await stack.drop(`${BATCH}/${again}`, await withExif(sample('person-a-2.jpg')));
  await stack.drop(`${BATCH}/${sign}`, await withExif(sample('sign.jpg')));
  // WebP needs a rendition.
  await stack.drop(`${BATCH}/${turned}`, await photographWithMetadata(quadrants(800, 600), 'webp'));
  await stack.drop(`${BATCH}/${broken}`, Buffer.from('\xff\xd8\xff Telltale: no photograph', 'latin1'));
  const blobs = stack.app.storage.blobs;
  const post = (message: unknown) => stack.app.storage.queues.send('ocr', JSON.stringify(message));
  // Refused by the contract, and one whose image is not there: both name what they should not have.
  await post({
    job_definition: {
      id: 'x',
      batch_id: BATCH,
      input: { image_url: 'https://telltale.example/okonkwo.jpg' },
    },
  });
  await post({ job_definition: { id: 7, batch_id: BATCH, telltale: 'okonkwo' } });
  await post({
    job_definition: {
      id: 'missing',
      batch_id: BATCH,
      input: {
        image_url: blobs.url(containers.input, `${BATCH}/Telltale missing.jpg`),
        image_parameters: PARAMETER,
      },
      processing_pipeline: ['ocr', 'pipelineoutput'],
      processing_step: 0,
    },
  });
  // The five images and the one that is missing.
  rows = await stack.rows(NAMES.length + 1, 380_000);
  const letters = async () => {
    let count = 0;
    for await (const _ of stack.app.deadLetters.summaries({})) count += 1;
    return count;
  };
  for (const until = Date.now() + 60_000; (await letters()) < 2; ) {
    if (Date.now() > until) throw new Error(`Two messages should be dead by now. The logs:\n${logs}`);
    await delay(200);
  }
  await host.stop();
}, 420_000);

afterAll(async () => {
  await stack?.stop();
  await engine?.stop();
  await insights?.close();
  rmSync(data, { recursive: true, force: true });
});

const rowOf = (name: string) => rows.find((row) => fileName(row.imageUrl) === name);

/** Words that were read in the images: personal data as much as any name. */
const wordsRead = () =>
  rows.flatMap(({ text = '' }) => text.split(/\s+/)).filter((word) => /^\p{L}{6,}$/u.test(word));

const SAID_BY_PROGRAMS = (text: string) => [
  ...(TELLTALES.exec(text) ?? []),
  ...wordsRead().filter((word) => new RegExp(`\\b${word}\\b`, 'i').test(text)),
];

test('the pipeline did its work: the text is read, faces match, one field of EXIF is kept where it is named', () => {
  expect(wordsRead().length).toBeGreaterThan(0);
  expect(rowOf('Telltale Ada.jpg')?.matches).toHaveLength(1);
  expect(rowOf('Telltale Ada.jpg')?.exif).toEqual({ Model: 'Telltale X100' });
  expect(rowOf('Telltale turned.webp')).toMatchObject({ status: 'done' });
  expect(rowOf('Telltale turned.webp')?.exif).toBeUndefined();
  expect(rowOf('Telltale broken.jpg')).toMatchObject({ status: 'rejected' });
  expect(rowOf('Telltale missing.jpg')).toMatchObject({ status: 'gone' });
  expect(JSON.stringify(rows)).not.toMatch(/Marker-Of-/);
});

test('what was logged names no image, no batch, no text and no person', () => {
  expect(logs).toContain('job.admitted');
  expect(logs).toContain('message.dead');
  expect(SAID_BY_PROGRAMS(logs)).toEqual([]);
});

test('what telemetry was sent names none either', () => {
  const sent = insights.requests
    .filter(({ path }) => path.endsWith('/track'))
    .map(({ body, headers }) => (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString())
    .join('\n');
  expect(sent).toContain('imaginem.job');
  expect(sent).toContain('imaginem.images');
  expect(SAID_BY_PROGRAMS(sent)).toEqual([]);
});

test('errors that are kept name none: in rows, in the journal, in dead letters', async () => {
  const errors: unknown[] = rows.flatMap(({ reason, steps }) => [
    reason,
    ...Object.values(steps).map(({ error }) => error),
  ]);
  for await (const job of stack.app.journal.jobs()) {
    errors.push(job.end, ...Object.values(job.steps).map(({ error }) => error));
  }
  for await (const { error } of stack.app.deadLetters.summaries({})) errors.push(error);
  const kept = errors.filter((error) => error !== undefined);
  expect(kept.length).toBeGreaterThan(6);
  expect(SAID_BY_PROGRAMS(JSON.stringify(kept))).toEqual([]);
});

test('queues, tables and containers are named after steps, never after images; no container is public', async () => {
  const { connectionString } = stack.emulator;
  const names: string[] = [];
  for await (const { name } of QueueServiceClient.fromConnectionString(connectionString).listQueues())
    names.push(name);
  const tables = TableServiceClient.fromConnectionString(connectionString, { allowInsecureConnection: true });
  for await (const { name } of tables.listTables()) names.push(name ?? '');
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  for await (const { name, properties } of blobs.listContainers()) {
    names.push(name);
    expect(properties.publicAccess, name).toBeUndefined();
    const { signedIdentifiers } = await blobs.getContainerClient(name).getAccessPolicy();
    expect(signedIdentifiers, name).toEqual([]);
  }
  expect(names.length).toBeGreaterThan(20);
  expect(SAID_BY_PROGRAMS(names.join(' '))).toEqual([]);
});

test('nobody without a key is given an image, a crop or a rendition', async () => {
  const { blobs } = stack.app.storage;
  let asked = 0;
  for (const container of Object.values(containers)) {
    for await (const { name } of blobs.list(container)) {
      const { status } = await fetch(blobs.url(container, name));
      expect([401, 403, 404], container).toContain(status);
      asked += 1;
    }
  }
  expect(asked).toBeGreaterThan(NAMES.length);
});

test('crops and renditions carry no metadata, and are not named after anything', async () => {
  const { blobs } = stack.app.storage;
  let seen = 0;
  for (const container of [containers.faces, containers.renditions]) {
    for await (const { name } of blobs.list(container)) {
      expect(name).not.toMatch(TELLTALES);
      const content = await blobs.read(container, name);
      if (typeof content !== 'object') throw new Error(`${container} lost a blob`);
      const { exif, xmp, iptc, icc } = await sharp(content.bytes).metadata();
      expect({ exif, xmp, iptc, icc }).toEqual({
        exif: undefined,
        xmp: undefined,
        iptc: undefined,
        icc: undefined,
      });
      expect(content.bytes.toString('latin1')).not.toMatch(TELLTALES);
      seen += 1;
    }
  }
  expect(seen).toBeGreaterThanOrEqual(4);
});
