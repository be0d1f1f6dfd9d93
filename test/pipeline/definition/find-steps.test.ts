import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { findSteps } from '../../../src/pipeline/definition/find-steps.ts';
import { DefinitionError, Registry } from '../../../src/pipeline/definition/registry.ts';

const step = (name: string, more = '') =>
  `{ name: '${name}', needs: [], schema: {}, summary: 'x', run: async () => ({ ${more} }) }`;

async function find(files: Record<string, string>, known: string[] = [], services: unknown = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'imaginem-steps-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return findSteps(pathToFileURL(`${folder}/`), new Set(known), services);
}

test('each file gives the step it exports, in the order of their names; helpers and known files give none', async () => {
  const steps = await find(
    {
      'beta.js': `export const beta = ${step('beta')};`,
      'alpha.js': `export default ${step('alpha')};`,
      'known.js': 'throw new Error("loaded twice");',
      'a-helper.js': 'export const half = (n) => n / 2;',
      'types.d.ts': 'throw new Error("types are no step");',
      'module.mjs': 'throw new Error("no step either");',
      'beta.js.map': '{}',
    },
    ['known'],
  );
  expect(steps.map(({ name }) => name)).toEqual(['alpha', 'beta']);
});

test('a function named as its file is given the services', async () => {
  const [made] = await find(
    { 'gamma.js': `export const gamma = (services) => (${step('gamma', 'got: services.gift')});` },
    [],
    { gift: 42 },
  );
  expect(await made?.run({} as never)).toEqual({ got: 42 });
});

test('a step that is not named as its file, or cannot be loaded, is refused with what to do', async () => {
  await expect(find({ 'one.js': `export const two = ${step('two')};` })).rejects.toThrow(
    /"one.js" defines the step "two": give both the same name/,
  );
  await expect(find({ 'bad.js': 'throw new Error("no such thing")' })).rejects.toThrow(
    /step of file "bad.js" could not be loaded: no such thing/,
  );
  await expect(find({ 'bad.js': 'throw new Error("x")' })).rejects.toBeInstanceOf(DefinitionError);
});

test('a name that no queue could have reaches the registry, which says so', async () => {
  const steps = await find({ 'blur-check.js': `export default ${step('blur-check')};` });
  expect(() => new Registry(steps)).toThrow(/"blur-check" is not allowed: rename it/);
});
