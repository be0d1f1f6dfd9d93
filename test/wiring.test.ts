import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { projectRoot } from './support/stack.ts';

// One registration list per module: each test loads its own.
async function wiring() {
  vi.resetModules();
  vi.stubEnv('AzureWebJobsStorage', 'UseDevelopmentStorage=true');
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  return import('../src/wiring.ts');
}

const files = (await readdir(join(projectRoot, 'src/functions'))).filter((file) => file.endsWith('.ts'));

test('the function files and the steps belong together', async () => {
  const { theApp } = await wiring();
  for (const file of files) await import(`../src/functions/${file.slice(0, -3)}.ts`);
  const app = await theApp();
  expect(app.registry.names.filter((name) => !files.includes(`${name}.ts`))).toEqual([]);
});

test('a step without a function, and a function without a step, keep the app from starting', async () => {
  const { theApp } = await wiring();
  await expect(theApp()).rejects.toThrow(
    /Step "generalclassification" has no function: add src\/functions\/generalclassification.ts/,
  );
  const second = await wiring();
  for (const file of files) await import(`../src/functions/${file.slice(0, -3)}.ts`);
  second.registerStep('nobody');
  await expect(second.theApp()).rejects.toThrow(/function "nobody" has no step: add src\/steps\/nobody.ts/);
});

test('a step is registered once', async () => {
  const { registerStep } = await wiring();
  registerStep('ocr');
  expect(() => registerStep('ocr')).toThrow(/Two files of src\/functions register the step "ocr"/);
});
