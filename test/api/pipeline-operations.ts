import { describe, expect, test } from 'vitest';
import type { Live, Queues } from '../../src/api/contract.ts';
import { routes } from '../../src/api/routes.ts';
import { containers } from '../../src/storage/names.ts';
import { photograph } from '../support/api.ts';
import type { Album } from './album.ts';

/** What the API says of the pipeline, its batches and its dead letters. */
export function pipelineOperations({ api, id, image, uploadTo }: Album): void {
  describe('the pipeline', () => {
    test('live answers what changed, and 304 while nothing did', async () => {
      const first = await api.get(routes.live);
      const { stamp, images } = first.json as Live;
      expect((await api.get(routes.live, { 'if-none-match': first.headers.etag ?? '' })).status).toBe(304);
      await uploadTo('more', [{ name: 'more.jpg', bytes: await photograph({}, 50) }]);
      await api.drain();
      const then = await api.get(routes.live, { 'if-none-match': first.headers.etag ?? '' });
      expect(then.status).toBe(200);
      expect((then.json as Live).stamp).not.toBe(stamp);
      expect((then.json as Live).images).toBeGreaterThan(images);
      expect((then.json as Live).queues.map(({ name }) => name)).toContain('facematch');
    });

    test('batches say how far they are', async () => {
      const { json } = await api.get(`${routes.batches}?prefix=scans`);
      expect(json.batches).toMatchObject([{ batchId: 'scans/old ones', images: 1, faces: 0 }]);
      expect((await api.get(routes.batch('scans/old ones'))).json).toMatchObject({
        accepted: 1,
        underWay: 0,
      });
      await uploadTo('waiting', [{ name: 'w.jpg', bytes: await photograph({}, 51) }]);
      // What has been uploaded is a batch, though no event has told of it yet.
      expect((await api.get(routes.batch('waiting'))).json).toMatchObject({ images: 0, accepted: 0 });
      expect((await api.get(routes.batch('waitin'))).status).toBe(404);
      await api.app.admission.admitBlob(
        'waiting/w.jpg',
        (await api.app.storage.blobs.head(containers.input, 'waiting/w.jpg'))?.etag ?? '',
        { info() {}, warn() {}, error() {} },
      );
      expect((await api.get(routes.batch('waiting'))).json).toMatchObject({
        accepted: 1,
        images: 0,
        underWay: 1,
      });
      const under = await image('w.jpg');
      expect(under).toMatchObject({ underWay: true, result: null });
      expect(under.timeline?.steps[0]?.state).toBe('pending');
      expect((await api.get(routes.imageThumbnail(under.id))).status).toBe(200);
      // A look at the queues is good for a moment.
      const waiting = async () =>
        ((await api.get(routes.queues)).json as Queues).queues.some(({ messages }) => messages > 0);
      await expect.poll(waiting, { timeout: 10_000 }).toBe(true);
      const before = ((await api.get(routes.queues)).json as Queues).queues.find(
        ({ messages }) => messages > 0,
      );
      expect(before).toMatchObject({ messages: 1, ready: 1, taken: 0, paused: null });
      await api.app.pauses.pause(before?.step ?? '', 'ada', 'a new server');
      const paused = async () =>
        ((await api.get(routes.queues)).json as Queues).queues.find(({ name }) => name === before?.name)
          ?.paused;
      await expect.poll(paused).toMatchObject({ by: 'ada', reason: 'a new server' });
      await api.app.pauses.resume(before?.step ?? '');
      await api.drain();
      expect((await api.get(routes.batch('waiting'))).json).toMatchObject({ underWay: 0 });
    });

    test('tags, failures, throughput, steps and who one is', async () => {
      expect((await api.get(routes.pipeline)).json.definition).toEqual(api.app.pipeline);
      expect((await api.get(routes.me)).json).toEqual({ name: 'local', role: 'administrator', local: true });
      const tags = (await api.get(`${routes.tags}?prefix=per`)).json.tags as { name: string }[];
      expect(tags.every(({ name }) => name.startsWith('per'))).toBe(true);
      expect((await api.get(routes.failures)).json.failures).toBeInstanceOf(Array);
      const { perMinute } = (await api.get(`${routes.throughput}?minutes=30`)).json;
      expect(perMinute).toHaveLength(30);
      const written = perMinute.reduce((sum: number, { images }: { images: number }) => sum + images, 0);
      expect(written).toBe((await api.get(routes.live)).json.images);
    });

    test('a dead message can be looked at, replayed and dropped', async () => {
      const message = JSON.stringify({ job_definition: { id: 'x' } });
      const error = { code: 'ContractError', message: 'why' };
      const letters = await Promise.all(
        ['ocr', 'facecrop'].map(async (queue) => ({
          queue,
          id: await api.app.deadLetters.record({ queue, error, message, jobId: id('one.jpg') }),
        })),
      );
      expect((await image('one.jpg')).deadLetters).toHaveLength(2);
      const page = (await api.get(`${routes.deadLetters}?limit=1`)).json;
      expect(page.deadLetters).toHaveLength(1);
      const rest = (await api.get(`${routes.deadLetters}?limit=5&after=${page.next}`)).json;
      expect(rest).toMatchObject({ deadLetters: [{ error }], next: null });
      const [letter, other] = letters as [{ queue: string; id: string }, { queue: string; id: string }];
      expect((await api.get(routes.deadLetter(letter.queue, letter.id))).json.message).toBe(message);
      const replay = await api.ask('POST', routes.deadLetterReplay(letter.queue, letter.id));
      expect(replay.json).toMatchObject({ status: 422 });
      for (const { queue, id: key } of [letter, other]) {
        expect((await api.ask('DELETE', routes.deadLetter(queue, key))).status).toBe(204);
        expect((await api.get(routes.deadLetter(queue, key))).status).toBe(404);
      }
    });

    test('a replay puts the message back and takes the dead letter away', async () => {
      const job = await image('sign.jpg');
      const message = JSON.stringify({
        job_definition: {
          id: job.id,
          batch_id: job.batchId,
          input: { image_url: job.imageUrl },
          processing_pipeline: api.app.pipeline,
          processing_step: 1,
        },
      });
      const letter = await api.app.deadLetters.record({
        queue: 'ocr',
        error: { code: 'ProcessDied', message: 'why' },
        message,
        jobId: job.id,
        batchId: job.batchId,
      });
      expect((await api.ask('POST', routes.deadLetterReplay('ocr', letter))).status).toBe(204);
      expect((await api.get(routes.deadLetter('ocr', letter))).status).toBe(404);
      await api.drain();
      expect((await image('sign.jpg')).result).toMatchObject({ run: 1, text: 'Family Reunion' });
    });

    test('a rerun of what is not there, or of a step that is not, is refused', async () => {
      expect((await api.send('POST', routes.imageRerun('nobody'), {})).status).toBe(404);
      const unknown = await api.send('POST', routes.imageRerun(id('one.jpg')), { steps: ['dream'] });
      expect(unknown.json).toMatchObject({ status: 422, code: 'UnknownStep' });
    });
  });
}
