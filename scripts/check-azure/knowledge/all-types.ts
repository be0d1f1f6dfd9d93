import { networkTypes } from './network.ts';
import type { ResourceTypes } from './resource-type.ts';
import { serviceTypes } from './services.ts';
import { storageTypes } from './storage.ts';
import { webTypes } from './web.ts';

/** Every resource type this project may deploy. A type that is not here is refused until someone has read about it. */
export const resourceTypes: ResourceTypes = {
  ...storageTypes,
  ...webTypes,
  ...serviceTypes,
  ...networkTypes,
};
