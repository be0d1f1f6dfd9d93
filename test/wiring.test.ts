import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { LEAST_NODE } from '../src/domain/runtime.ts';
import { startUp } from '../src/start-up.ts';
import { projectRoot } from './support/project-root.ts';

const env = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

// One registration list per module: each test loads its own.
async function wiring(more: Record<string, string> = {}) {
  vi.resetModules();
  for (const [name, value] of Object.entries({ ...env, ...more })) vi.stubEnv(name, value);
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  return import('../src/wiring.ts');
}
beforeEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const files = (await readdir(join(projectRoot, 'src/functions'))).filter((file) => file.endsWith('.ts'));
const functionFiles = files.map((file) => file.slice(0, -3));
const nodeVersion = process.versions.node;

test('the function files and the steps belong together', async () => {
  const { theApp, standing, leftOut } = await wiring();
  for (const file of functionFiles) await import(`../src/functions/${file}.ts`);
  expect(standing.refusal).toBeUndefined();
  expect(leftOut).toEqual([]);
  expect(theApp().registry.names.filter((name) => !functionFiles.includes(name))).toEqual([]);
});

test('a step without a function keeps images from being worked on', async () => {
  const { refusal } = await startUp({ env, nodeVersion, functionFiles: ['ocr'] });
  expect(refusal).toMatch(
    /Step "generalclassification" has no function: add src\/functions\/generalclassification.ts/,
  );
});

test('a function without a step is left out, and said', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const { registerStep, leftOut } = await wiring();
  registerStep('nobody');
  expect(leftOut).toEqual([
    expect.stringMatching(/function "nobody" has no step: add src\/steps\/nobody.ts/),
  ]);
  expect(said).toHaveBeenCalledWith(leftOut[0]);
});

test('a step is registered once', async () => {
  const { registerStep } = await wiring();
  registerStep('ocr');
  expect(() => registerStep('ocr')).toThrow(/Two files of src\/functions register the step "ocr"/);
});

test('a wrong setting, or an old Node, leaves no app but a sentence', async () => {
  const wrong = await startUp({ env: { ...env, MAX_ATTEMPTS: 'many' }, nodeVersion, functionFiles });
  expect(wrong).toEqual({ app: undefined, refusal: expect.stringMatching(/^App setting MAX_ATTEMPTS: /) });
  const old = await startUp({ env, nodeVersion: `${LEAST_NODE - 2}.19.1`, functionFiles });
  expect(old).toEqual({
    app: undefined,
    refusal: expect.stringMatching(/^Node 20\.19\.1 is too old: the app needs Node 22 or newer\./),
  });
});

test('a wrong definition leaves an app that shows what there is, and registers no queue and no timer but those of people', async () => {
  const { standing } = await wiring({ PIPELINE_DEFINITION: 'ocr,foo,pipelineoutput' });
  // The library is loaded anew with the wiring: what it is asked for is seen there.
  const { app: fresh } = await import('@azure/functions');
  const queues = vi.spyOn(fresh, 'storageQueue');
  const timers = vi.spyOn(fresh, 'timer');
  const routes = vi.spyOn(fresh, 'http');
  for (const file of functionFiles) await import(`../src/functions/${file}.ts`);
  expect(standing.refusal).toMatch(/there is no step "foo": remove it, or correct it/);
  expect(standing.app?.pipeline).toEqual([]);
  expect(queues).not.toHaveBeenCalled();
  expect(timers.mock.calls.map(([name]) => name).sort()).toEqual([
    'bulkacts',
    'census',
    'erasures',
    'people',
    'people-expired',
    'retention',
    'retention-missed',
    'telling',
  ]);
  expect(routes.mock.calls.map(([name]) => name)).toEqual(
    expect.arrayContaining(['health', 'health-details', 'dashboard', 'api-live']),
  );
});
