import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { VARIABLES } from '../../scripts/azd/outputs.ts';
import { type AzdFiles, azdFindings } from '../../scripts/check-azure/azd.ts';
import { projectRoot } from '../support/project-root.ts';

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');
const sound = Object.fromEntries(
  ['azure.yaml', 'infra/main.bicep', 'infra/main.parameters.json', 'azuredeploy.json'].map((path) => [
    path,
    read(path),
  ]),
) as unknown as AzdFiles;
const after = (file: keyof AzdFiles, from: string | RegExp, to: string) => {
  const text = sound[file].replace(from, to);
  expect(text).not.toBe(sound[file]);
  return azdFindings({ ...sound, [file]: text }).map(({ path, problem }) => `${path} ${problem}`);
};

test('the wrapper fits the template', () => {
  expect(azdFindings(sound)).toEqual([]);
});

test.each([
  [
    'infra/main.bicep',
    'retentionDays: retentionDays',
    'retentionDay: retentionDays',
    /retentionDay is no parameter/,
  ],
  [
    'infra/main.bicep',
    'param retentionDays int',
    'param retentionDays string',
    /retentionDays is given a string/,
  ],
  ['infra/main.bicep', /^ +sqlAdministratorName: .*\n/m, '', /does not pass sqlAdministratorName/],
  ['infra/main.bicep', 'app.outputs.identityName', 'app.outputs.identity', /identity is no output/],
  ['infra/main.bicep', 'output FUNCTION_APP_NAME', 'output FUNCTION_APP', /FUNCTION_APP_NAME.* is no output/],
  ['infra/main.parameters.json', '"nodeVersion"', '"nodeVersio"', /nodeVersion gets no value/],
  [
    'infra/main.parameters.json',
    '${IMAGINEM_NODE_VERSION',
    '${NODE_VERSION',
    /nodeVersion is "\$\{NODE_VERSION=24\}"/,
  ],
] as const)('%s: %s', (file, from, to, problem) => {
  expect(after(file, from, to).join('\n')).toMatch(problem);
});

describe('azure.yaml', () => {
  const project = parse(sound['azure.yaml']);
  const hooks = [project.hooks.postprovision, project.services.app.hooks.prepackage];

  test('has what the published schema of azure.yaml wants of a function service', () => {
    expect(project.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
    expect(project.infra).toEqual({ provider: 'bicep', path: 'infra', module: 'main' });
    const { app } = project.services;
    expect(app).toMatchObject({ host: 'function', project: '.', language: 'js', remoteBuild: false });
    // The schema refuses these for a function app.
    for (const key of ['image', 'docker', 'k8s', 'apiVersion', 'env']) expect(app).not.toHaveProperty(key);
    for (const hook of hooks) expect(Object.keys(hook).sort()).toEqual(['posix', 'windows']);
  });

  test('the package that is made is the one that is deployed', () => {
    const { app } = project.services;
    for (const { run } of Object.values(app.hooks.prepackage) as { run: string }[])
      expect(run).toContain(`npm run package -- --folder ${app.dist}`);
  });

  test('each hook fails where one of its commands does, and runs scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const { posix, windows } of hooks) {
      expect(posix.shell).toBe('sh');
      expect(posix.run.trim()).not.toMatch(/[\n;]/);
      expect(windows.shell).toBe('pwsh');
      for (const line of windows.run.trim().split('\n').slice(1))
        expect(line).toMatch(/LASTEXITCODE|^npm run/);
      for (const [, script = ''] of `${posix.run}\n${windows.run}`.matchAll(/npm run (\S+)/g))
        expect(scripts, script).toHaveProperty(script);
    }
  });
});

test('what the hook reads is what azd sets', () => {
  const outputs = [...sound['infra/main.bicep'].matchAll(/^output (\w+) /gm)].map(([, name]) => name);
  expect(VARIABLES.filter((name) => !outputs.includes(name))).toEqual(['AZURE_SUBSCRIPTION_ID']);
});

test('the versions agree', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(parse(sound['azure.yaml']).metadata.template).toBe(`imaginem@${version}`);
});

test('every value of the environment that the document names is one that azd substitutes', () => {
  const document = read('docs/deploy.md');
  const named = new Set(document.match(/IMAGINEM_[A-Z_]+/g));
  const known = new Set(sound['infra/main.parameters.json'].match(/IMAGINEM_[A-Z_]+/g));
  expect([...named].sort()).toEqual([...known].sort());
});
