import { expect, test } from 'vitest';
import { broken, expectFinding, resource, set } from '../support.ts';

test.each([
  ['$schema', 'https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#'],
  ['contentVersion', '1.0'],
  ['resources', []],
])('a wrong %s is refused', (part, value) => {
  expectFinding(
    broken((template) => set(template, part, value)),
    'envelope',
    part,
  );
});

test('a part that templates do not have is refused', () => {
  expectFinding(
    broken((template) => set(template, 'comment', 'hello')),
    'envelope',
    'comment',
  );
});

test('a parameter without a description is refused', () => {
  const findings = broken((template) => set(template, 'parameters.location.metadata', undefined));
  expectFinding(findings, 'parameter-described', 'parameters.location');
});

test('a parameter of an unknown type is refused', () => {
  expectFinding(
    broken((template) => set(template, 'parameters.location.type', 'text')),
    'parameter-type',
    'location',
  );
});

test.each([
  ['nodeVersion', '18'],
  ['instanceMemoryMB', '2048'],
  ['maximumInstanceCount', 0],
  ['deploymentPostFix', 'production'],
  ['faceLimitedAccess', 'off'],
  ['storageIpRules', {}],
])('the default of %s must be one it accepts', (name, value) => {
  const findings = broken((template) => set(template, `parameters.${name}.defaultValue`, value));
  expectFinding(findings, 'parameter-type', `${name}.defaultValue`);
});

test('a default of a secure parameter is refused, and not repeated', () => {
  const findings = broken((template) => set(template, 'parameters.visionApiKey.defaultValue', 'hunter2'));
  expectFinding(findings, 'secure-default', 'visionApiKey.defaultValue');
  expect(JSON.stringify(findings)).not.toContain('hunter2');
});

test('a secret in an ordinary parameter is refused', () => {
  const findings = broken((template) => set(template, 'parameters.faceApiKey.type', 'string'));
  expectFinding(findings, 'secret-not-secure', 'faceApiKey.type');
});

test.each(["[format('a', 'b']", "[format('a'))]", "[format('a)]"])('%s does not parse', (text) => {
  expectFinding(
    broken((template) => set(template, 'outputs.identityName.value', text)),
    'expression-syntax',
    'identityName.value',
  );
});

test('a function that ARM does not have is refused', () => {
  const findings = broken((template) =>
    set(template, 'variables.token', "[uniqueName(parameters('location'))]"),
  );
  expectFinding(findings, 'known-function', 'variables.token');
});

test.each([
  ['parameter', "[parameters('lokation')]"],
  ['variable', "[variables('nothing')]"],
])('a %s that is not declared is refused', (_, text) => {
  expectFinding(
    broken((template) => set(template.resources[0], 'location', text)),
    'known-name',
    'resources[0].location',
  );
});

test.each([
  ["[variables('roles').reader]", /no property "reader"/],
  ["[reference(resourceId('Microsoft.Web/sites', 'elsewhere')).defaultHostName]", /does not declare/],
  ["[reference(variables('identityName')).principalId]", /does not declare/],
  ["[resourceId('Microsoft.Web/sites/config', 'x')]", /wants 2 name/],
  ["[format('{3}', 'a')]", /no value for \{3\}/],
])('%s fails while evaluating', (text, message) => {
  const findings = broken((template) => set(template, 'outputs.identityName.value', text));
  expect(expectFinding(findings, 'evaluates', 'outputs.identityName').problem).toMatch(message);
});

test('reading the state of a resource that some choice leaves out is found by trying that choice', () => {
  const findings = broken(
    (template) => {
      template.outputs.visionEndpoint.value =
        "[reference(resourceId('Microsoft.CognitiveServices/accounts', variables('visionName'))).endpoint]";
    },
    { everywhere: true },
  );
  const found = expectFinding(findings, 'evaluates', 'outputs.visionEndpoint');
  expect(found.remedy).toContain('visionEndpoint="https://sample.example/"');
});

test.each([
  [
    'parameters.spare',
    { type: 'string', defaultValue: '', metadata: { description: 'Nothing reads this.' } },
  ],
  ['variables.spare', 'nothing reads this'],
  ['variables.roles.spare', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'],
])('%s that nothing reads is refused', (path, value) => {
  expectFinding(
    broken((template) => set(template, path, value)),
    'unused',
    path,
  );
});

test('a region written into a resource is refused', () => {
  const findings = broken((template) =>
    set(resource(template, 'Microsoft.Sql/servers'), 'location', 'eastus'),
  );
  expectFinding(findings, 'location', '.location');
});

test.each([
  '/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/x',
  'https://other.blob.core.windows.net/deployments',
  'other.database.windows.net',
])('%s written into the template is refused', (text) => {
  expectFinding(
    broken((template) => set(template, 'variables.databaseName', text)),
    'hard-coded-id',
    'databaseName',
  );
});
