import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/domain/ports.ts';
import { containers } from '../../src/storage/names.ts';
import { openCommandLine } from '../support/command-line.ts';
import { jpeg } from '../support/images.ts';

let cli: Awaited<ReturnType<typeof openCommandLine>>;
beforeAll(async () => {
  cli = await openCommandLine({ PIPELINE_DEFINITION: 'ocr,duplicates,pipelineoutput' });
});
afterAll(() => cli?.close());

describe('pipeline check', () => {
  test('says that nothing is wrong', async () => {
    const { code, out } = await cli.imaginem('pipeline', 'check', 'ocr, duplicates ,pipelineoutput');
    expect(code).toBe(0);
    expect(out).toMatch(/Nothing is wrong.*\n.*ocr,duplicates,pipelineoutput/);
  });

  test('says what is wrong and proposes the corrected definition, with exit code 1', async () => {
    const { code, out } = await cli.imaginem('pipeline', 'check', 'ocrr,facematch');
    expect(code).toBe(1);
    expect(out).toMatch(/- there is no step "ocrr"/);
    expect(out).toMatch(/- "facematch" needs "faceprint"/);
    expect(out).toMatch(/Corrected:\n {2}ocr,facedetection,faceprint,facematch,pipelineoutput/);
    expect((await cli.imaginem('pipeline', 'check', out.split('\n').at(-1)?.trim() ?? '')).code).toBe(0);
  });

  test('--json is the answer of the HTTP function, and no instance is needed', async () => {
    const { code, out } = await cli.imaginem('pipeline', 'check', 'facecrop', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      asked: ['facecrop'],
      definition: ['facedetection', 'facecrop', 'pipelineoutput'],
    });
  });

  test('without a definition is wrong usage', async () => {
    const { code, err } = await cli.imaginem('pipeline', 'check');
    expect(code).toBe(2);
    expect(err).toMatch(/missing required argument 'definition'/);
  });
});

test('pipeline show tells the definition, the steps, and which images finish on which pipeline', async () => {
  expect((await cli.imaginem('pipeline', 'show')).out).toMatch(/No images are under way/);
  const { app } = cli;
  await app.storage.blobs.write(containers.input, 'camp/new.jpg', await jpeg(), 'image/jpeg');
  await app.storage.blobs.write(containers.input, 'camp/own.jpg', await jpeg(), 'image/jpeg', {
    pipeline: 'ocr',
  });
  await app.admission.admitBlob('camp/new.jpg', undefined, silentLog);
  await app.admission.admitBlob('camp/own.jpg', undefined, silentLog);
  const { code, out } = await cli.imaginem('pipeline', 'show');
  expect(code).toBe(0);
  expect(out).toMatch(/New images go through:\n {2}ocr,duplicates,pipelineoutput/);
  expect(out).toMatch(/facematch .* faceprint .*Finds other photographs/);
  expect(out).toMatch(/1 image on this pipeline/);
  expect(out).toMatch(/1 image on ocr,pipelineoutput/);
  expect(out).toMatch(/may be edited at any time. New images take the new one/);
  const json = JSON.parse((await cli.imaginem('pipeline', 'show', '--json')).out);
  expect(json.assumed).toBe(false);
  expect(json.under_way).toEqual([
    { pipeline: ['ocr', 'duplicates', 'pipelineoutput'], images: 1, current: true },
    { pipeline: ['ocr', 'pipelineoutput'], images: 1, current: false },
  ]);
});

test('a job that brings a pipeline is held to the same rules, and told what to change', async () => {
  const { app } = cli;
  const { parseMessage } = await import('../../src/pipeline/message/message.ts');
  const etag = await app.storage.blobs.write(containers.input, 'camp/job.jpg', await jpeg(), 'image/jpeg');
  const message = (id: string, pipeline: string[]) =>
    parseMessage({
      job_definition: {
        id,
        batch_id: 'camp',
        input: { image_url: app.storage.blobs.url(containers.input, 'camp/job.jpg') },
        processing_pipeline: pipeline,
      },
    });
  expect(etag).not.toBe('');
  await expect(
    app.admission.admitMessage(message('bad', ['facecrop', 'facedetection']), silentLog),
  ).rejects.toThrow(/"facecrop" stands before "facedetection", which it needs: move/);
  const entry = await app.admission.admitMessage(message('good', ['facedetection', 'facecrop']), silentLog);
  expect(entry.job.pipeline).toEqual(['facedetection', 'facecrop', 'pipelineoutput']);
});
