import { expect, test } from 'vitest';
import { EVENTS_QUEUE } from '../../src/storage/names.ts';
import { openApi, photograph } from '../support/api.ts';
import { stage } from '../support/scene.ts';

const api = await stage(openApi({ PIPELINE_DEFINITION: 'ocr,pipelineoutput' }));

const get = (path: string) => api.get(path);

test('what "why", "status", "stats" and "queues" say at the command line is to be had over HTTP', async () => {
  const bytes = await photograph({}, 1);
  const { json } = await api.upload('/api/uploads?batch=standing', [{ name: 'one.jpg', bytes }]);
  const { id } = json.files[0];
  const waiting = await get('/api/images/~c3RhbmRpbmcvb25lLmpwZw/why');
  expect(waiting.json).toMatchObject({ state: 'waiting', imageId: null, queue: { name: EVENTS_QUEUE } });
  expect((await get('/api/status')).json.batches).toMatchObject([{ batch: 'standing', waiting: 1 }]);
  await api.app.storage.queues.send(EVENTS_QUEUE, JSON.stringify({ eventType: 'Other' }));
  const { json: before } = await get('/api/queues/standings');
  expect(before.queues.find((one: { queue: string }) => one.queue === EVENTS_QUEUE)).toMatchObject({
    messages: 1,
    oldestReady: expect.stringMatching(/Z$/),
    delayed: 0,
    nextTry: null,
    poison: 0,
    paused: null,
  });
  await api.drain();
  expect((await get(`/api/images/${id}/why`)).json).toMatchObject({
    state: 'finished',
    imageId: id,
    batchId: 'standing',
    step: null,
    queue: null,
    advice: ['Nothing to do: every step is done.'],
  });
  expect((await get('/api/status?batch=standing')).json.batches).toMatchObject([
    { batch: 'standing', waiting: 0, finished: { done: 1 } },
  ]);
  expect((await get('/api/stats?batch=standing')).json).toMatchObject({
    images: { finished: 1, underWay: null, announced: null },
    imageLatency: { count: 1 },
    steps: [{ step: 'ocr', outcomes: { done: 1 }, calls: 1, retries: 0, latency: { count: 1 } }],
  });
  for (const path of ['/api/images/nobody/why', '/api/status?batch=none', '/api/stats?batch=none'])
    expect((await get(path)).status, path).toBe(404);
});

test('what the host holds back is asked of one queue, and of none that there is not', async () => {
  const post = (body: object) => api.send('POST', '/api/dead-letters/recovery', body);
  expect((await post({ queue: 'nosuch' })).json).toMatchObject({ code: 'UnknownQueue' });
  expect((await post({ queue: 'pipelineoutput' })).json).toEqual({ recovered: 0, queues: {} });
});
