import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { HostJsonError, parseHostJson, readHostJson } from '../../../src/local/host/host-json.ts';

test('the defaults are the platform’s', () => {
  expect(parseHostJson({ version: '2.0' }, {})).toEqual({
    functionTimeout: 1_800_000,
    logLevel: 'information',
    routePrefix: 'api',
    queues: {
      batchSize: 16,
      newBatchThreshold: 8 * availableParallelism(),
      maxPollingInterval: 60_000,
      visibilityTimeout: 0,
      maxDequeueCount: 5,
      messageEncoding: 'base64',
    },
  });
});

test('maxPollingInterval is 2 s in Development', () => {
  const { queues } = parseHostJson({ version: '2.0' }, { AZURE_FUNCTIONS_ENVIRONMENT: 'Development' });
  expect(queues.maxPollingInterval).toBe(2000);
});

test('entries of extensions.queues and extensions.http are read', () => {
  const queues = {
    batchSize: 4,
    newBatchThreshold: 0,
    visibilityTimeout: '00:00:30',
    messageEncoding: 'None',
  };
  const parsed = parseHostJson(
    { version: '2.0', extensions: { queues, http: { routePrefix: '/v1/' } }, functionTimeout: '00:10:00' },
    {},
  );
  expect(parsed.queues).toMatchObject({
    batchSize: 4,
    newBatchThreshold: 0,
    visibilityTimeout: 30_000,
    messageEncoding: 'none',
  });
  expect(parsed.routePrefix).toBe('v1');
  expect(parsed.functionTimeout).toBe(600_000);
  expect(parseHostJson({ version: '2.0', functionTimeout: '-1' }, {}).functionTimeout).toBe(Infinity);
});

test('a setting named after an entry goes before it, in any case', () => {
  const content = { version: '2.0', extensions: { queues: { batchSize: 4 } } };
  const parsed = parseHostJson(content, {
    AzureFunctionsJobHost__extensions__queues__batchSize: '7',
    AZUREFUNCTIONSJOBHOST__LOGGING__LOGLEVEL__DEFAULT: 'Warning',
  });
  expect(parsed.queues.batchSize).toBe(7);
  expect(parsed.logLevel).toBe('warning');
  expect(content.extensions.queues.batchSize).toBe(4);
});

test.each([
  [{}, /version/],
  [{ version: '2.0', extensions: { queues: { batchSize: 33 } } }, /extensions\.queues\.batchSize/],
  [{ version: '2.0', extensions: { queues: { visibilityTimeout: '30' } } }, undefined],
  [{ version: '2.0', extensions: { queues: { visibilityTimeout: '30 s' } } }, /"30 s" is not a time span/],
  [{ version: '2.0', logging: { logLevel: { default: 'loud' } } }, /"loud" is not a log level/],
])('%j is refused where it is wrong', (content, message) => {
  const parse = () => parseHostJson(content, {});
  if (message === undefined) expect(parse).not.toThrow();
  else expect(parse).toThrow(message);
});

test('a file that is missing is an error that says so; the app’s own host.json is read', async () => {
  const missing = fileURLToPath(new URL('./no-such-folder', import.meta.url));
  await expect(readHostJson(missing, {})).rejects.toThrow(HostJsonError);
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  expect((await readHostJson(root, {})).queues.messageEncoding).toBe('none');
});
