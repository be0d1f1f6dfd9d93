import { expect, test } from 'vitest';
import { expand } from '../../../scripts/check-azure/arm/expand.ts';
import { switches } from '../../../scripts/check-azure/arm/switches.ts';
import type { Resource, Template } from '../../../scripts/check-azure/arm/template.ts';

const template = (resources: Partial<Resource>[], more: Partial<Template> = {}): Template => ({
  $schema: '',
  contentVersion: '1.0.0.0',
  parameters: {},
  variables: {},
  outputs: {},
  ...more,
  resources: resources as Resource[],
});

const site = { type: 'Microsoft.Web/sites', apiVersion: '2024-11-01', name: 'app' };

test('a copy loop becomes one resource for each turn', () => {
  const { resources } = expand(
    template([{ ...site, name: "[format('app{0}', copyIndex())]", copy: { name: 'apps', count: 3 } }]),
    {},
  );
  expect(resources.map((one) => one.name)).toEqual(['app0', 'app1', 'app2']);
  expect(new Set(resources.map((one) => one.path))).toEqual(new Set(['resources[0]']));
});

test('a resource whose condition is false is not evaluated further', () => {
  const { resources, problems } = expand(
    template([{ ...site, condition: "[parameters('on')]", tags: "[variables('missing')]" }]),
    { on: false },
  );
  expect(resources[0]).toMatchObject({ active: false, body: {} });
  expect(problems).toEqual([]);
});

test('reference() of a resource that is not deployed is a problem at the output that reads it', () => {
  const { problems } = expand(
    template([{ ...site, condition: false }], {
      outputs: {
        host: {
          type: 'string',
          value: "[reference(resourceId('Microsoft.Web/sites', 'app')).defaultHostName]",
        },
      },
    }),
    {},
  );
  expect(problems).toEqual([
    { path: 'outputs.host', problem: expect.stringMatching(/app, which is not deployed/) },
  ]);
});

test('reference() may not stand in a name, a condition or a variable', () => {
  const { problems } = expand(
    template([{ ...site, name: "[variables('late')]" }], { variables: { late: "[reference('x')]" } }),
    {},
  );
  expect(problems).toMatchObject([
    { path: 'resources[0].name', problem: expect.stringMatching(/only in the properties/) },
  ]);
});

test('the id of an extension resource stands on its scope', () => {
  const { resources } = expand(
    template([
      {
        type: 'Microsoft.Authorization/roleAssignments',
        apiVersion: '2022-04-01',
        name: 'r',
        scope: 'Microsoft.Web/sites/app',
      },
    ]),
    {},
  );
  expect(resources[0]?.id).toMatch(
    /\/Microsoft\.Web\/sites\/app\/providers\/Microsoft\.Authorization\/roleAssignments\/r$/,
  );
});

test('what decides the deployment is found through variables and in if()', () => {
  const parameters = { a: { type: 'bool' }, b: { type: 'bool' }, c: { type: 'bool' } };
  const found = switches(
    template(
      [
        {
          ...site,
          condition: "[variables('x')]",
          tags: { t: "[if(parameters('b'), '1', parameters('c'))]" },
        },
      ],
      {
        parameters,
        variables: { x: "[parameters('a')]" },
      },
    ),
  );
  expect(found).toEqual(['a', 'b']);
});
