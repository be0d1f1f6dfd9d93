import type { Rule } from './finding.ts';
import { appSettings } from './rules/app-settings.ts';
import { demandRules } from './rules/demands.ts';
import { dependsOn } from './rules/depends-on.ts';
import { envelope } from './rules/envelope.ts';
import { eventSubscription } from './rules/event-subscription.ts';
import { expressionRules } from './rules/expressions.ts';
import { flex } from './rules/flex.ts';
import { hostJson } from './rules/host-json.ts';
import { listedKeys } from './rules/listed-keys.ts';
import { literalRules } from './rules/literals.ts';
import { localSettings } from './rules/local-settings.ts';
import { nameRules } from './rules/names.ts';
import { needed } from './rules/needed-roles.ts';
import { outputs } from './rules/outputs.ts';
import { parameterRules } from './rules/parameters.ts';
import { parametersFile } from './rules/parameters-file.ts';
import { parents } from './rules/parents.ts';
import { privateEndpoints } from './rules/private-endpoints.ts';
import { resourceTypeRules } from './rules/resource-types.ts';
import { roles } from './rules/roles.ts';
import { storageNames } from './rules/storage-names.ts';
import { unused } from './rules/unused.ts';
import { waits } from './rules/waits-for.ts';
import { watched } from './rules/watched.ts';

/** Every rule, in the order in which a person would want to hear of a fault. */
export const rules: readonly Rule[] = [
  envelope,
  ...parameterRules,
  ...expressionRules,
  unused,
  ...resourceTypeRules,
  ...demandRules,
  ...nameRules,
  dependsOn,
  waits,
  parents,
  ...literalRules,
  outputs,
  listedKeys,
  roles,
  needed,
  flex,
  eventSubscription,
  privateEndpoints,
  watched,
  appSettings,
  storageNames,
  parametersFile,
  hostJson,
  localSettings,
];
