import { expect, test } from 'vitest';
import { broken, expectFinding, resource, set } from '../support.ts';

const assignment = 'Microsoft.Authorization/roleAssignments';

test.each([
  [
    "[listKeys(resourceId('Microsoft.Storage/storageAccounts', variables('storageName')), '2025-06-01').keys[0].value]",
    /listKeys/,
  ],
  ["[parameters('faceApiKey')]", /secure parameter faceApiKey/],
  ["[format('key={0}', variables('hidden'))]", /secure parameter visionApiKey/],
  [
    "[reference(resourceId('Microsoft.Insights/components', variables('insightsName'))).ConnectionString]",
    /ConnectionString/,
  ],
])('an output %s is refused', (value, secret) => {
  const findings = broken((template) => {
    set(template, 'variables.hidden', "[parameters('visionApiKey')]");
    set(template, 'outputs.secret', { type: 'string', value });
  });
  expect(expectFinding(findings, 'secret-output', 'outputs.secret.value').problem).toMatch(secret);
});

test.each([
  ['Contributor of everything', 'b24988ac-6180-42a0-ab88-20f7382dd24c'],
  ['an id with a slip', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955c'],
])('the role %s is refused', (_, id) => {
  const findings = broken((template) => set(template, 'variables.roles.storageBlobDataOwner', id));
  expectFinding(findings, 'role-assignment', 'roleDefinitionId');
});

test('a storage role on a vision account is refused', () => {
  const findings = broken((template) =>
    set(
      resource(template, assignment, /storageTableDataContributor/),
      'scope',
      "[format('Microsoft.CognitiveServices/accounts/{0}', variables('faceName'))]",
    ),
  );
  expectFinding(findings, 'role-assignment', '.scope');
});

test('a role on the whole resource group is refused', () => {
  const findings = broken((template) => set(resource(template, assignment), 'scope', undefined));
  expect(expectFinding(findings, 'role-assignment', '.scope').problem).toContain('whole resource group');
});

test('a role on an account that some choice leaves out is found by trying that choice', () => {
  const findings = broken(
    (template) => set(resource(template, assignment, /visionName/), 'condition', undefined),
    { everywhere: true },
  );
  expect(expectFinding(findings, 'role-assignment', '.scope').remedy).toContain('visionEndpoint');
});

test('a role without a reason is refused', () => {
  const findings = broken((template) => set(resource(template, assignment), 'comments', undefined));
  expectFinding(findings, 'role-assignment', '.comments');
});

test('a role assignment with a fixed name is refused', () => {
  const findings = broken((template) =>
    set(resource(template, assignment), 'name', '8f8b8a6e-7c1c-4c55-9f8e-0d8f0c3a1b2c'),
  );
  expectFinding(findings, 'role-assignment', '.name');
});

test.each([
  ['storage', 'Microsoft.Storage/storageAccounts', 'properties.networkAcls.defaultAction', 'Allow'],
  ['the database', 'Microsoft.Sql/servers', 'properties.publicNetworkAccess', 'Enabled'],
])('the network edition with %s left open is refused', (_, type, path, value) => {
  expectFinding(
    broken((template) => set(resource(template, type), path, value)),
    'private-endpoint',
    path,
  );
});

test('closing a vision account without a network is refused', () => {
  const path = 'properties.publicNetworkAccess';
  const findings = broken(
    (template) => set(resource(template, 'Microsoft.CognitiveServices/accounts'), path, 'Disabled'),
    { everywhere: true },
  );
  expect(expectFinding(findings, 'private-endpoint', path).problem).toContain('deployVirtualNetwork=false');
});

test('a service of the network edition without an endpoint is refused', () => {
  const findings = broken((template) => template.variables.privateLinks.splice(1, 1));
  expect(expectFinding(findings, 'private-endpoint', /resources\[\d+\]$/).problem).toContain('queue');
});

test('an endpoint that no DNS zone knows, or whose zone no network looks into, is refused', () => {
  const without = (type: string) =>
    broken((template) => {
      template.resources = template.resources.filter((one: { type: string }) => one.type !== type);
    });
  const groups = without('Microsoft.Network/privateEndpoints/privateDnsZoneGroups');
  expect(expectFinding(groups, 'private-endpoint', /resources\[\d+\]$/).problem).toContain(
    'DNS zone of blob',
  );
  const links = without('Microsoft.Network/privateDnsZones/virtualNetworkLinks');
  expect(expectFinding(links, 'private-endpoint', /resources\[\d+\]$/).problem).toContain(
    'no network looks into',
  );
});

test('an endpoint in the zone of another service is refused', () => {
  const findings = broken((template) =>
    set(template, 'variables.privateLinks.0.zone', template.variables.privateLinks[1].zone),
  );
  expect(expectFinding(findings, 'private-endpoint', /resources\[\d+\]$/).problem).toContain(
    'DNS zone of blob',
  );
});

test('a key that is listed into an app setting is refused', () => {
  const findings = broken((template) =>
    set(
      template,
      'variables.settings.FACE_KEY',
      "[listKeys(resourceId('Microsoft.CognitiveServices/accounts', variables('faceName')), '2025-06-01').key1]",
    ),
  );
  expect(expectFinding(findings, 'listed-key', 'FACE_KEY').problem).toContain('listKeys');
});

test.each(['storageQueueDataContributor', 'monitoringMetricsPublisher', 'storageQueueDataMessageSender'])(
  'an app or Event Grid without its role %s is refused',
  (role) => {
    const findings = broken((template) => {
      const { resources } = template;
      resources.splice(resources.indexOf(resource(template, assignment, new RegExp(role))), 1);
    });
    expect(expectFinding(findings, 'needed-roles', 'resources').problem).toContain('assigned 0 times');
  },
);

test('a known role that nobody needs is refused', () => {
  const findings = broken((template) => {
    const sender = resource(template, assignment, /storageQueueDataMessageSender/);
    sender.properties.roleDefinitionId = sender.properties.roleDefinitionId.replace(
      'storageQueueDataMessageSender',
      'storageQueueDataContributor',
    );
  });
  expect(expectFinding(findings, 'needed-roles', /resources\[\d+\]$/).problem).toBe(
    'Event Grid: Storage Queue Data Contributor on Microsoft.Storage/storageAccounts/queueServices/queues: more than is needed',
  );
});

test('an app that stays outside its network is refused', () => {
  const path = 'properties.virtualNetworkSubnetId';
  const findings = broken((template) => set(resource(template, 'Microsoft.Web/sites'), path, '[null()]'));
  expect(expectFinding(findings, 'private-endpoint', path).problem).toContain('does not join');
});

test('the public edition as the default is refused', () => {
  const path = 'parameters.deployVirtualNetwork.defaultValue';
  expectFinding(
    broken((template) => set(template, path, false)),
    'private-endpoint',
    path,
  );
});

test('an app whose own identity may change its package is refused', () => {
  const path =
    'properties.functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId';
  const findings = broken((template) => {
    set(
      resource(template, 'Microsoft.Web/sites'),
      path,
      "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', variables('identityName'))]",
    );
    const role = resource(template, assignment, /'deployments'/);
    role.properties.principalId = role.properties.principalId.replace('packageIdentityName', 'identityName');
  });
  expect(expectFinding(findings, 'needed-roles', /resources\[\d+\]$/).problem).toBe(
    'the app: Storage Blob Data Contributor on Microsoft.Storage/storageAccounts/blobServices/containers: more than is needed',
  );
});

test('a package in the account of the photographs is refused', () => {
  const path = 'properties.functionAppConfig.deployment.storage.value';
  const findings = broken((template) =>
    set(
      resource(template, 'Microsoft.Web/sites'),
      path,
      "[format('https://{0}.blob.{1}/inputimages', variables('storageName'), environment().suffixes.storage)]",
    ),
  );
  expect(expectFinding(findings, 'flex', path).problem).toContain('account of the photographs');
});

test('a service that nobody watches is refused, and a database without auditing', () => {
  const without = (type: string) =>
    broken((template) => {
      template.resources = template.resources.filter((one: { type: string }) => one.type !== type);
    });
  const problems = without('Microsoft.Insights/diagnosticSettings')
    .filter(({ rule }) => rule === 'watched')
    .map(({ problem }) => problem);
  for (const category of ['StorageRead', 'SQLSecurityAuditEvents', 'Audit'])
    expect(
      problems.some((problem) => problem.includes(category)),
      category,
    ).toBe(true);
  const unaudited = without('Microsoft.Sql/servers/databases/extendedAuditingSettings');
  expect(expectFinding(unaudited, 'watched', /resources/).problem).toContain('not audited');
  const off = broken((template) =>
    set(resource(template, 'Microsoft.Insights/diagnosticSettings'), 'properties.logs.0.enabled', false),
  );
  expectFinding(off, 'demand', 'properties.logs.0.enabled');
});
