import { expect, test } from 'vitest';
import { broken, expectFinding, resource, set } from '../support.ts';

const blobServices = 'Microsoft.Storage/storageAccounts/blobServices';

test('a dependency that points nowhere is refused', () => {
  const findings = broken((template) =>
    resource(template, 'Microsoft.Sql/servers/databases').dependsOn.push(
      "[resourceId('Microsoft.Sql/servers', 'other')]",
    ),
  );
  const found = expectFinding(findings, 'depends-on', /dependsOn\[1\]$/);
  expect(found.problem).toContain('Microsoft.Sql/servers/other');
});

test('a dependency on a copy loop that does not exist is refused', () => {
  const findings = broken((template) =>
    resource(template, 'Microsoft.Web/sites').dependsOn.push('contaners'),
  );
  expectFinding(findings, 'depends-on', /dependsOn\[\d\]$/);
});

test('a dependency on a copy loop by name is understood', () => {
  const findings = broken((template) => resource(template, 'Microsoft.Web/sites').dependsOn.push('queues'));
  expect(findings).toEqual([]);
});

test('dependencies in a circle are refused', () => {
  const findings = broken((template) => {
    resource(template, 'Microsoft.Storage/storageAccounts').dependsOn = [
      "[resourceId('Microsoft.EventGrid/systemTopics', variables('topicName'))]",
    ];
  });
  expect(expectFinding(findings, 'depends-on', '.dependsOn').problem).toMatch(/circle: .* -> /);
});

test.each([
  ['Microsoft.EventGrid/systemTopics', 'Microsoft.Storage/storageAccounts'],
  ['Microsoft.Insights/components', 'Microsoft.OperationalInsights/workspaces'],
  ['Microsoft.Web/sites', 'Microsoft.Network/virtualNetworks'],
  ['Microsoft.Web/sites', 'Microsoft.ManagedIdentity/userAssignedIdentities'],
  ['Microsoft.Authorization/roleAssignments', 'Microsoft.Storage/storageAccounts'],
  ['Microsoft.Network/privateEndpoints', 'Microsoft.Sql/servers'],
])('a %s that does not wait for the %s it names is refused', (type, other) => {
  const findings = broken((template) => set(resource(template, type), 'dependsOn', []));
  const found = findings.filter((one) => one.rule === 'waits-for' && one.problem.includes(`${other},`));
  expect(found).not.toEqual([]);
});

test('waiting through another resource counts', () => {
  const findings = broken((template) => {
    const site = resource(template, 'Microsoft.Web/sites');
    site.dependsOn = site.dependsOn.filter(
      (one: string) => !one.includes("userAssignedIdentities', variables"),
    );
    const plan = resource(template, 'Microsoft.Web/serverfarms');
    plan.dependsOn = ['identityName', 'packageIdentityName'].map(
      (name) => `[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', variables('${name}'))]`,
    );
  });
  expect(findings).toEqual([]);
});

test('a child whose parent is gone is refused', () => {
  const findings = broken((template) => {
    template.resources = template.resources.filter((one: { type: string }) => one.type !== blobServices);
  });
  const found = expectFinding(findings, 'parent', '.name');
  expect(found.problem).toContain(blobServices);
});

test('a child that some choice leaves without its parent is found by trying that choice', () => {
  const findings = broken(
    (template) =>
      set(
        resource(template, 'Microsoft.Network/privateDnsZones'),
        'condition',
        "[variables('createVision')]",
      ),
    { everywhere: true },
  );
  expect(expectFinding(findings, 'parent', '.name').remedy).toContain('visionEndpoint');
});

test('a child that does not wait for its parent is refused', () => {
  const findings = broken((template) => set(resource(template, blobServices), 'dependsOn', []));
  expectFinding(findings, 'parent', '.dependsOn');
});

test.each([
  ['an account with a hyphen', 'variables.storageName', "[format('st-{0}', variables('token'))]"],
  ['an account of 25 characters', 'variables.storageName', "[format('imaginemimag{0}', variables('token'))]"],
  ['an app whose name is cut', 'variables.appName', "[format('{0}-functionapp', variables('baseName'))]"],
  ['a queue with an underscore', 'variables.queues', ['general_classification', 'inputimages-events']],
  ['a container with a capital', 'variables.containers', ['InputImages']],
  ['a table with a hyphen', 'variables.tables', ['pipeline-logs']],
  ['a SQL server with a capital', 'variables.sqlName', "[format('Sql-{0}', variables('token'))]"],
])('%s is refused', (_, path, value) => {
  expectFinding(
    broken((template) => set(template, path, value)),
    'name-limits',
    '.name',
  );
});

test('a name that only the longest postfix makes too long is found by trying it', () => {
  const findings = broken((template) => set(template, 'parameters.deploymentPostFix.maxLength', 24), {
    everywhere: true,
  });
  expect(expectFinding(findings, 'name-limits', '.name').remedy).toContain('AAAAAAAA');
});

test('a subdomain that is no host name is refused', () => {
  const findings = broken((template) =>
    set(
      resource(template, 'Microsoft.CognitiveServices/accounts'),
      'properties.customSubDomainName',
      "[format('{0}_cv', variables('token'))]",
    ),
  );
  expectFinding(findings, 'subdomain', 'customSubDomainName');
});

test('two resources with one name are refused', () => {
  const findings = broken((template) => set(template, 'variables.faceName', "[variables('visionName')]"));
  expectFinding(findings, 'unique-name', '.name');
});
