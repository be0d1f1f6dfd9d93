import { describe, expect, test } from 'vitest';
import { code } from '../../../scripts/check-azure/code.ts';
import { localOnly, refusedSiteConfig } from '../../../scripts/check-azure/knowledge/app-settings.ts';
import { broken, expectFinding, resource, set } from '../support.ts';

const subscription = 'Microsoft.EventGrid/systemTopics/eventSubscriptions';

describe('Flex Consumption', () => {
  test.each([
    'FUNCTIONS_WORKER_RUNTIME',
    'FUNCTIONS_EXTENSION_VERSION',
    'WEBSITE_RUN_FROM_PACKAGE',
    'WEBSITE_CONTENTSHARE',
    'SCM_DO_BUILD_DURING_DEPLOYMENT',
    'ENABLE_ORYX_BUILD',
    'WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT',
  ])('refuses the setting %s', (name) => {
    expectFinding(
      broken((template) => set(template, `variables.settings.${name}`, '1')),
      'flex',
      name,
    );
  });

  test.each(refusedSiteConfig)('refuses siteConfig.%s', (name) => {
    const findings = broken((template) =>
      set(resource(template, 'Microsoft.Web/sites'), `properties.siteConfig.${name}`, 'x'),
    );
    expectFinding(findings, 'flex', name);
  });

  test('needs the container of its package', () => {
    const findings = broken((template) => {
      template.resources = template.resources.filter(
        ({ name }: { name: string }) => !/default\/deployments/.test(name),
      );
    });
    expect(expectFinding(findings, 'flex', 'storage.value').problem).toContain('deployments');
  });
});

describe('app settings', () => {
  test.each(code.settingNames.filter((name) => !Object.hasOwn(localOnly, name)))('%s must be set', (name) => {
    const findings = broken((template) => {
      delete template.variables.settings[name];
      const settings = resource(template, 'Microsoft.Web/sites/config', /appsettings/);
      settings.properties = settings.properties.replace(`'${name}'`, `'X_${name}'`);
    });
    expectFinding(findings, 'app-settings', `settings.${name}`);
  });

  test('the list of what is local only names settings of the code', () => {
    for (const name of Object.keys(localOnly)) expect(code.settingNames).toContain(name);
  });

  test('a connection string to storage is refused', () => {
    const findings = broken((template) =>
      set(template, 'variables.settings.AzureWebJobsStorage', 'AccountKey=x'),
    );
    expectFinding(findings, 'app-settings', 'settings.AzureWebJobsStorage');
  });

  test('a setting that nothing reads is refused', () => {
    const findings = broken((template) => set(template, 'variables.settings.FACE_LIST_PREFIXX', 'x'));
    expectFinding(findings, 'app-settings', 'FACE_LIST_PREFIXX');
  });

  test('a setting that the host needs is missed', () => {
    const findings = broken((template) =>
      set(template, 'variables.settings.AzureWebJobsStorage__credential', undefined),
    );
    expectFinding(findings, 'app-settings', 'AzureWebJobsStorage__credential');
  });

  test('a number where the host wants a text is refused', () => {
    const findings = broken((template) => set(template, 'variables.settings.MAX_ATTEMPTS', 5));
    expectFinding(findings, 'app-settings', 'settings.MAX_ATTEMPTS');
  });

  test('values with which the app would not start are refused', () => {
    const findings = broken((template) => set(template, 'variables.settings.FACE_LIMITED_ACCESS', 'True'));
    expect(findings.find((one) => /would not start: .*FACE_LIMITED_ACCESS/s.test(one.problem))).toBeDefined();
  });

  test("a default that is no longer the code's is refused", () => {
    const findings = broken((template) => set(template, 'variables.settings.MAX_ATTEMPTS', '6'));
    expect(expectFinding(findings, 'app-settings', 'settings.MAX_ATTEMPTS').problem).toContain(
      "code's default is 5",
    );
  });

  test('a new setting of the code is missed in the template and in the example', () => {
    const newer = { ...code, settingNames: [...code.settingNames, 'SETTING_OF_TOMORROW'] };
    const findings = broken(() => {}, { code: newer });
    expectFinding(findings, 'app-settings', 'settings.SETTING_OF_TOMORROW');
    expectFinding(findings, 'local-settings', '_comments.SETTING_OF_TOMORROW');
  });
});

describe('queues, containers and tables', () => {
  test.each([
    ['queues', 'facecrop', /queue facecrop is used/],
    ['queues', 'facecrop', /queue facecrop-poison is used/],
    ['queues', 'inputimages-events', /queue inputimages-events-poison is used/],
    ['containers', 'renditions', /container renditions is used/],
    ['containers', 'eventgrid-deadletters', /container eventgrid-deadletters is used/],
    ['tables', 'throttle', /table throttle is used/],
  ])('without its part of %s, %s is missed', (list, name, message) => {
    const findings = broken((template) => {
      template.variables[list] = template.variables[list].filter((one: string) => one !== name);
    });
    expect(findings.filter((one) => one.rule === 'storage-names' && message.test(one.problem))).toHaveLength(
      1,
    );
  });

  test.each(['queues', 'containers', 'tables'])('one of the %s that nothing uses is refused', (list) => {
    const findings = broken((template) => template.variables[list].push('leftover'));
    expect(expectFinding(findings, 'storage-names', /resources\[\d+\]$/).problem).toContain(
      'leftover is declared',
    );
  });

  test('a new table of the code is missed', () => {
    const findings = broken(() => {}, { code: { ...code, tables: [...code.tables, 'audit'] } });
    expect(expectFinding(findings, 'storage-names', 'resources').problem).toContain('table audit');
  });
});

describe('the event subscription', () => {
  const delivery = 'properties.deliveryWithResourceIdentity';
  const deadLetter = 'properties.deadLetterWithResourceIdentity';
  test.each([
    [
      'properties.filter.includedEventTypes',
      ['Microsoft.Storage.BlobCreated', 'Microsoft.Storage.BlobDeleted'],
    ],
    ['properties.filter.subjectBeginsWith', '/blobServices/default/containers/'],
    ['properties.filter.advancedFilters', undefined],
    [`${delivery}.identity.type`, 'UserAssigned'],
    [`${delivery}.destination.endpointType`, 'WebHook'],
    [`${delivery}.destination.properties.queueName`, 'inputimages'],
    [`${delivery}.destination.properties.queueMessageTimeToLiveInSeconds`, 604_800],
    [`${deadLetter}.identity.type`, undefined],
    [`${deadLetter}.deadLetterDestination.endpointType`, undefined],
    [`${deadLetter}.deadLetterDestination.properties.blobContainerName`, 'lost'],
  ])('with another %s is refused', (path, value) => {
    const findings = broken((template) => set(resource(template, subscription), path, value));
    expectFinding(findings, 'event-subscription', path);
  });

  test('must be there in every choice', () => {
    const findings = broken((template) =>
      set(resource(template, subscription), 'condition', "[parameters('deployVirtualNetwork')]"),
    );
    expectFinding(findings, 'event-subscription', 'resources');
  });
});
