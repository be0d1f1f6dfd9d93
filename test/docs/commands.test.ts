import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../support/stack.ts';
import { faultsOf, type Project } from './lint.ts';
import { commandsOf, section, shellBlocks } from './shell-blocks.ts';

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');
const template = JSON.parse(read('azuredeploy.json')) as {
  parameters: Record<string, unknown>;
  outputs: Record<string, unknown>;
};
const project: Project = {
  root: projectRoot,
  scripts: Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts),
  parameters: Object.keys(template.parameters),
};

const documents = {
  'README.md': section(read('README.md'), '## Deploy to Azure'),
  'docs/deploy.md': read('docs/deploy.md'),
  'docs/operations.md': read('docs/operations.md'),
};

describe.each(Object.entries(documents))('%s', (path, markdown) => {
  const blocks = shellBlocks(markdown);

  test('has commands, and bash can parse every block of them', () => {
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: block, encoding: 'utf8' });
      expect(status, `${block}\n${stderr}`).toBe(0);
    }
  });

  test('every command is known, with its flags; scripts, files and parameters exist', () => {
    const commands = blocks.flatMap(commandsOf);
    expect(commands.flatMap((command) => faultsOf(command, project))).toEqual([]);
    expect(commands.length).toBeGreaterThan(2);
  });

  test('what it takes from the outputs of the deployment is there', () => {
    const named = [...markdown.matchAll(/<(functionAppName|[a-z]+(?:Name|Fqdn|Uri|Statement|ClientId))>/g)];
    const known = [...Object.keys(template.outputs), 'identityName'];
    expect(named.map(([, name]) => name).filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });

  test('its links to other files lead somewhere', () => {
    const base = path.includes('/') ? join(projectRoot, 'docs') : projectRoot;
    const links = [...markdown.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, to = '']) => to);
    expect(links.filter((to) => !existsSync(join(base, to)))).toEqual([]);
  });

  test('it says that nothing of it was tried on a real subscription', () => {
    expect(markdown).toMatch(
      /not (been )?(deployed to|tried on) a real subscription|None of this was tried on a real subscription/,
    );
  });
});

test('the button leads to the portal with the encoded address of the template, and says what to replace', () => {
  const text = documents['README.md'];
  const [, encoded = ''] =
    /portal\.azure\.com\/#create\/Microsoft\.Template\/uri\/([^)\s]+)\)/.exec(text) ?? [];
  expect(decodeURIComponent(encoded)).toMatch(/^https:\/\/.*\/azuredeploy\.json$/);
  expect(text).toContain('%3Cowner%3E');
  expect(text).toMatch(/replace `%3Cowner%3E`/);
});

describe('a broken command is found', () => {
  const faults = (line: string) => commandsOf(line).flatMap((command) => faultsOf(command, project));

  test.each([
    ['az group creat --name x --location y', /not in test\/docs\/az.ts/],
    ['az group create --nam x --location y', /has no --nam\b.*--name is missing/s],
    ['az group create --name --location y', /--name has no value/],
    ['az deployment group create --resource-group x --template-file azure.json', /no file azure.json/],
    [
      'az deployment group create --resource-group x --template-file azuredeploy.json --parameters sqlAdmin=x',
      /no parameter "sqlAdmin"/,
    ],
    ['npm run pack', /no script "pack"/],
    ['cp nowhere.json local.settings.json', /no file nowhere.json/],
    [
      'az role assignment create --assignee a --role b --scope "$(az storage acount show)/x"',
      /az storage acount show/,
    ],
    ['rm -rf dist', /"rm" is no program known here/],
  ])('%s', (line, fault) => {
    expect(faults(line).join('\n')).toMatch(fault);
  });

  test('assignments, comments and nested commands are read as the shell reads them', () => {
    expect(
      commandsOf('A=1 B="two words" npm run x # why\nkey=$(az login)').map(({ words }) => words),
    ).toEqual([
      ['npm', 'run', 'x'],
      ['az', 'login'],
    ]);
  });
});
