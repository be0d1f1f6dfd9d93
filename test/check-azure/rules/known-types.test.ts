import { describe, expect, test } from 'vitest';
import { at } from '../../../scripts/check-azure/arm/template.ts';
import { resourceTypes } from '../../../scripts/check-azure/knowledge/all-types.ts';
import { broken, expectFinding, resource, set, sound } from '../support.ts';

const entries = Object.entries(resourceTypes);

describe.each(entries.map(([type, known]) => ({ type, known })))('$type', ({ type, known }) => {
  test('is in the template, in a version that is known', () => {
    expect(known.versions).toContain(resource(JSON.parse(sound['azuredeploy.json']), type).apiVersion);
  });

  test('in an unknown version is refused', () => {
    const findings = broken((template) => set(resource(template, type), 'apiVersion', '2017-01-01'));
    expectFinding(findings, 'resource-type', '.apiVersion');
  });

  test.each(known.required)('without %s is refused', (path) => {
    const findings = broken((template) => set(resource(template, type), path, undefined));
    expectFinding(findings, 'required-property', `.${path}`);
  });

  test.each(Object.keys(known.allowed ?? {}))('with another value of %s is refused', (path) => {
    const findings = broken((template) => set(resource(template, type), path, 'Nonesuch'));
    expectFinding(findings, 'allowed-value', `.${path}`);
  });

  test.each(Object.entries(known.range ?? {}))(
    'with a number out of range at %s is refused',
    (path, [low, high]) => {
      for (const value of [low - 1, high + 1]) {
        const findings = broken((template) => set(resource(template, type), path, value));
        expectFinding(findings, 'allowed-value', `.${path}`);
      }
    },
  );

  test.each(Object.entries(known.demands ?? {}))(
    'with another value of %s is refused, with the reason',
    (path, demand) => {
      const wrong = typeof demand.value === 'boolean' ? !demand.value : 'Nonesuch';
      for (const value of [wrong, undefined]) {
        const findings = broken((template) => set(resource(template, type), path, value));
        expect(expectFinding(findings, 'demand', `.${path}`).remedy).toContain(demand.why);
      }
    },
  );
});

test('a type that nobody has read about is refused', () => {
  const findings = broken((template) => set(template.resources[0], 'type', 'Microsoft.KeyVault/vaults'));
  expectFinding(findings, 'resource-type', 'resources[0].type');
});

test.each([
  ['an instance memory that does not exist', 'scaleAndConcurrency.instanceMemoryMB', 1024],
  ['a Node version that is not offered', 'runtime.version', '20'],
  ['a number where a text belongs', 'runtime.version', 24],
])('%s is refused', (_, path, value) => {
  const whole = `properties.functionAppConfig.${path}`;
  const findings = broken((template) => set(resource(template, 'Microsoft.Web/sites'), whole, value));
  expectFinding(findings, 'allowed-value', whole);
});

test('a kind in the plural is refused', () => {
  const findings = broken((template) =>
    set(resource(template, 'Microsoft.CognitiveServices/accounts', /faceName/), 'kind', 'Faces'),
  );
  expectFinding(findings, 'allowed-value', '.kind');
});

test("Face in Computer Vision's price tier is refused", () => {
  const findings = broken((template) =>
    set(resource(template, 'Microsoft.CognitiveServices/accounts', /faceName/), 'sku.name', 'S1'),
  );
  expectFinding(findings, 'cognitive-sku', 'sku.name');
});

test('a value that a parameter would let through is found by trying it', () => {
  const findings = broken((template) => template.parameters.instanceMemoryMB.allowedValues.push(1024), {
    everywhere: true,
  });
  const found = expectFinding(findings, 'allowed-value', 'instanceMemoryMB');
  expect(found.remedy).toContain('instanceMemoryMB=1024');
});

test('a SQL login beside Entra is refused', () => {
  const findings = broken((template) =>
    set(resource(template, 'Microsoft.Sql/servers'), 'properties.administratorLogin', 'imaginemUser'),
  );
  expectFinding(findings, 'no-password-admin', 'administratorLogin');
});

test('the paths of the tables are those of the template', () => {
  const template = JSON.parse(sound['azuredeploy.json']);
  for (const [type, known] of entries)
    for (const path of Object.keys(known.demands ?? {}))
      expect(at(resource(template, type), path), `${type} ${path}`).toBeDefined();
});
