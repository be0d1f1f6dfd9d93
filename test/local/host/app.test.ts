import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startHost } from './support.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));

test('@azure/functions-core is provided to require, with everything the library asks of it', async () => {
  const host = await startHost({ main: 'core.js' });
  const core = await (await fetch(`${host.url}/api/probe`)).json();
  expect(core).toEqual({
    versions: [expect.stringMatching(/^\d+\.\d+/), expect.stringMatching(/^4\.\d+/)],
    sameId: 'Error: A function with the id "ID-OF-KEPT" has already been registered.',
    badHook: expect.stringMatching(/^RangeError: .*noSuchHook/),
    model: 'none yet',
    modelName: 'the last one set',
    disposals: 2,
    imported: 'ERR_MODULE_NOT_FOUND',
    setupInAppStart: 'no error',
    setupLate: expect.stringMatching(/can't be changed after app startup/),
    registeredLate: 'Error: A function can only be registered during app startup.',
    disposedLate: 'Error: A function can only be disposed during app startup.',
  });
  const [start] = await host.reported('appStart');
  expect(start).toMatchObject({
    directory: FIXTURES,
    keys: ['hookData', 'appHookData', 'functionAppDirectory'],
    readOnly: expect.stringMatching(/read only property "hookData"/),
  });
  expect(host.functions.map((each) => each.name)).toEqual(['kept', 'probe']);
  expect(await host.logged((line) => line.message === 'said through the core API')).toMatchObject({
    level: 'warning',
    category: 'user',
  });
  expect(await host.stop()).toBe(0);
});

test('files are loaded one after another, awaited, and *.test.js files are loaded too', async () => {
  const host = await startHost({ main: 'load/*.js' });
  expect(host.reports.map(({ event, file }) => `${event} ${file}`)).toEqual([
    'loading first',
    'loaded first',
    'loading second',
    'loaded second',
  ]);
  expect(host.functions.map((each) => each.name)).toEqual(['first', 'second', 'third']);
  expect(await host.stop()).toBe(0);
});

test('a main with braces is a glob', async () => {
  const host = await startHost({ main: 'load/{10-first,20-second}.js' });
  expect(host.functions.map((each) => each.name)).toEqual(['first', 'second']);
  expect(await host.stop()).toBe(0);
});

test('a load error after a registration fails the app, naming the file', async () => {
  const host = await startHost({ main: 'load-error/*.js', ready: false });
  expect(await host.ended()).toBe(1);
  expect(host.stderr()).toMatch(/could not start.*load-error\/20-throws\.js.*this file cannot be loaded/);
});

test('a load error before any registration leaves an app without functions', async () => {
  const host = await startHost({ main: 'load-error/20-throws.js' });
  expect(host.functions).toEqual([]);
  await host.logged((line) => line.level === 'error' && /this file cannot be loaded/.test(line.message));
  expect(await host.stop()).toBe(0);
});

test('an appStart hook that fails is run again with each restart of the worker; then the app has no functions', async () => {
  const host = await startHost({ main: 'app-start.js', env: { FAILURES: '4' } });
  expect(host.functions).toEqual([]);
  expect(host.reports.filter(({ event }) => event === 'appStart')).toHaveLength(4);
  await host.logged(
    ({ level, message }) => level === 'error' && /Exceeded language worker restart retry/.test(message),
  );
  expect((await fetch(`${host.url}/api/there`)).status).toBe(404);
  expect(await host.stop()).toBe(0);
});

test('an appStart hook that succeeds after a restart leaves all functions', async () => {
  const host = await startHost({ main: 'app-start.js', env: { FAILURES: '3' } });
  expect(host.functions.map(({ name }) => name)).toEqual(['there']);
  expect(await (await fetch(`${host.url}/api/there`)).text()).toBe('there');
  expect(await host.stop()).toBe(0);
});

test('a main that matches nothing leaves an app without functions', async () => {
  const host = await startHost({ main: 'no-such-folder/*.js' });
  expect(host.functions).toEqual([]);
  await host.logged((line) => /no file matches it/.test(line.message));
  expect(await host.stop()).toBe(0);
});

test('a function whose own configuration is wrong is in error, with the reason; the others run', async () => {
  const host = await startHost({
    main: 'queue-wrong.js',
    connectionString: 'UseDevelopmentStorage=true',
  });
  const errors = Object.fromEntries(host.functions.map(({ name, error }) => [name, error]));
  expect(errors).toEqual({
    unresolved: expect.stringMatching(/set the app setting NOT_SET/),
    unconnected: expect.stringMatching(/set the app setting NoSuchConnection/),
    illnamed: expect.stringMatching(/not the name of a queue/),
    'bad name': expect.stringMatching(/not a valid function name/),
    host: expect.stringMatching(/not a valid function name/),
    badbinding: expect.stringMatching(/not a valid binding name/),
    putsout: expect.stringMatching(/no input and output bindings \(queue\)/),
    blob: expect.stringMatching(/no blobTrigger/),
    reserved: expect.stringMatching(/conflicts with one or more built in routes/),
    badschedule: expect.stringMatching(/neither a cron expression/),
    right: undefined,
  });
  expect(await (await fetch(`${host.url}/api/right`)).text()).toBe('right');
  expect(host.lines.filter((line) => /The function is in error/.test(line.message))).toHaveLength(10);
  expect(await host.stop()).toBe(0);
});

test('context.log is one JSON object a line, with level, function and invocation; the level is a setting', async () => {
  const host = await startHost({
    main: 'log.js',
    env: { AzureFunctionsJobHost__logging__logLevel__default: 'Information' },
  });
  await fetch(`${host.url}/api/logs`);
  await host.logged((line) => line.message === 'an error');
  const lines = host.lines.filter((line) => line.category === 'user');
  expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'information: an information line with 42',
    'warning: a warning',
    'error: an error',
  ]);
  for (const line of lines) {
    expect(line).toMatchObject({ function: 'logs', invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  }
  expect(await host.stop()).toBe(0);
});

test('a broken host.json entry, a port that is taken and a wrong flag each end the start with the reason', async () => {
  const broken = await startHost({ main: 'log.js', queues: { batchSize: 33 }, ready: false });
  const first = await startHost({ main: 'log.js' });
  const port = new URL(first.url).port;
  const taken = await startHost({ main: 'log.js', args: ['--http-port', port], ready: false });
  const flag = await startHost({ main: 'log.js', args: ['--grace', 'soon'], ready: false });
  expect(await Promise.all([broken.ended(), taken.ended(), flag.ended()])).toEqual([1, 1, 1]);
  expect(broken.stderr()).toMatch(/host\.json, extensions\.queues\.batchSize/);
  expect(taken.stderr()).toMatch(/EADDRINUSE/);
  expect(flag.stderr()).toMatch(/--grace must be a whole number/);
  expect(await first.stop()).toBe(0);
});
