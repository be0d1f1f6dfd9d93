import { describe, expect, test } from 'vitest';
import { expectFinding, findingsAfter, set } from '../support.ts';

describe('host.json', () => {
  const host = (path: string, value: unknown) => findingsAfter('host.json', (json) => set(json, path, value));
  test.each([
    ['version', '3.0'],
    ['extensionBundle.id', 'Microsoft.Azure.Functions.ExtensionBundle.Preview'],
    ['extensionBundle.version', '[3.*, 4.0.0)'],
    ['extensions.queues.messageEncoding', 'base64'],
    ['extensions.queues.messageEncoding', undefined],
    ['extensions.queues.batchSize', 33],
    ['extensions.queues.batchSize', 0],
    ['extensions.queues.newBatchThreshold', -1],
    ['extensions.queues.maxDequeueCount', 1],
    ['extensions.queues.visibilityTimeout', '00:00:00'],
    ['extensions.queues.visibilityTimeout', 30],
    ['extensions.queues.maxPollingInterval', '00:02:00'],
    ['functionTimeout', '-1'],
    ['concurrency.dynamicConcurrencyEnabled', true],
    ['logging.applicationInsights.samplingSettings.isEnabled', false],
    ['telemetryMode', 'AppInsights'],
  ])('with %s = %s is refused', (path, value) => {
    expectFinding(host(path, value), 'host-json', path);
  });

  test.each(['queues', 'extensions.queues.batchsize'])('with the unknown part %s is refused', (path) => {
    expectFinding(host(path, 8), 'host-json', path);
  });
});

describe('azuredeploy.parameters.json', () => {
  const file = (path: string, value: unknown) =>
    findingsAfter('azuredeploy.parameters.json', (json) => set(json, path, value));
  test.each([
    ['parameters.branch', { value: 'master' }],
    ['parameters.faceApiKey', { value: 'secret' }],
    ['$schema', 'https://schema.management.azure.com/schemas/2015-01-01/deploymentParameters.json#'],
    ['contentVersion', undefined],
  ])('with %s is refused', (path, value) => {
    expectFinding(file(path, value), 'parameters-file', path);
  });

  test.each([
    ['nodeVersion', '18'],
    ['deployVirtualNetwork', 'false'],
    ['retentionDays', -1],
    ['deploymentPostFix', ''],
  ])('with a %s that the template refuses is refused', (name, value) => {
    expectFinding(file(`parameters.${name}.value`, value), 'parameters-file', `${name}.value`);
  });
});

describe('local.settings.json.example', () => {
  const file = (path: string, value: unknown) =>
    findingsAfter('local.settings.json.example', (json) => set(json, path, value));
  test.each([
    ['_comments.MAX_ATTEMPTS', undefined],
    ['_comments.MAX_ATEMPTS', 'A setting that was renamed, with its comment left behind.'],
    ['Values.MAX_ATEMPTS', '5'],
    ['Values.MAX_ATTEMPTS', 5],
    ['IsEncrypted', true],
  ])('with %s = %s is refused', (path, value) => {
    expectFinding(file(path, value), 'local-settings', path);
  });

  test('with values that the app refuses is refused', () => {
    expect(expectFinding(file('Values.MAX_ATTEMPTS', '0'), 'local-settings', 'Values').problem).toContain(
      'MAX_ATTEMPTS',
    );
  });
});
