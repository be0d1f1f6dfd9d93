import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostProcess, startHost } from './support.ts';

let host: HostProcess;
beforeAll(async () => {
  host = await startHost({ main: 'http-stream.js' });
});
afterAll(async () => {
  expect(await host.stop()).toBe(0);
});

test('with enableHttpStream a response is sent as it is made', async () => {
  const answer = await fetch(`${host.url}/api/drip/7?q=x`);
  expect(answer.headers.get('x-id')).toBe('7');
  expect(answer.headers.get('x-query')).toBe('x');
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe('first');
  host.go('drip');
  expect((await reader?.read())?.value).toBe('second');
});

test('with enableHttpStream a request is read as it arrives', async () => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const upload = request(`${host.url}/api/upload`, { method: 'POST' }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    response.on('end', () => resolve(text));
  });
  upload.on('error', reject);
  upload.write('12345');
  await host.reported('chunk');
  upload.end('678');
  expect(JSON.parse(await promise)).toEqual({ bytes: 8 });
});

test('a handler that throws under streaming never answers its caller', async () => {
  const hangUp = new AbortController();
  let answered = false;
  const answer = fetch(`${host.url}/api/throws`, { signal: hangUp.signal }).then(() => {
    answered = true;
  });
  await host.logged((line) => line.function === 'streamthrows' && /Failed/.test(line.message));
  // A whole exchange later there is still no answer.
  await fetch(`${host.url}/api/nosuch`);
  expect(answered).toBe(false);
  hangUp.abort();
  await expect(answer).rejects.toThrow(/abort/);
});
