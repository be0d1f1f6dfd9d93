import { sample } from '../arm/resource-functions.ts';
import { texts } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { deployed, inTemplate, shown } from './support.ts';

export const literalRules: readonly Rule[] = [
  {
    id: 'location',
    why: 'Everything stands in the region that the administrator chose, or the data leaves it.',
    *check(context) {
      for (const { scenario, resource } of deployed(context)) {
        const location = resource.body.location;
        const chosen = scenario.parameters.location ?? sample.location;
        if (location !== undefined && location !== chosen && location !== 'global')
          yield {
            path: inTemplate(resource.path, 'location'),
            problem: `is ${shown(location)}, whatever the parameter says`,
            remedy: "Write [parameters('location')].",
          };
      }
    },
  },
  {
    id: 'hard-coded-id',
    why: 'An id or address of one subscription or cloud does not exist in another.',
    *check({ template }) {
      const { parameters, variables, resources, outputs } = template;
      for (const { path, text } of texts({ parameters, variables, resources, outputs }, '')) {
        const found =
          /\/subscriptions\/[0-9a-f]|(blob|queue|table|file)\.core\.windows\.net|database\.windows\.net|login\.microsoftonline\.com/i.exec(
            text,
          );
        if (found !== null)
          yield {
            path: inTemplate(path),
            problem: `contains ${shown(found[0])}`,
            remedy: 'Use resourceId() for ids and environment() for the addresses of a cloud.',
          };
      }
    },
  },
];
