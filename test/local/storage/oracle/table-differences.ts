import type { Difference } from './difference.ts';
import { both, inBody, withoutHeaders } from './pair.ts';

const HEADS_OF_PARTS =
  /^(?:content-id|x-ms-error-code|x-content-type-options|cache-control|dataserviceversion|content-type|location|dataserviceid|preference-applied): .*\n/gm;

/** Allowed differences in what is answered of tables. */
export const TABLE_DIFFERENCES: readonly Difference[] = [
  {
    name: 'how JSON is told',
    reason:
      'The service sends JSON as a stream in UTF-8, forbids to guess its type, and names no type where there is no body; Azurite varies.',
    allow: (pair) =>
      both(withoutHeaders(pair, 'x-content-type-options'), (answer) => {
        const { 'content-type': type = '', ...headers } = answer.headers;
        const plain = type.replace(/;(?:streaming=true|charset=utf-8)/g, '').replace(/boundary=.*/, '');
        return answer.body === ''
          ? { ...answer, headers }
          : { ...answer, headers: { ...headers, 'content-type': plain } };
      }),
  },
  {
    name: 'where a new thing is',
    reason: 'The service names it in Location and DataServiceId; Azurite does at times only.',
    allow: (pair) =>
      pair.step.kind === 'createTable' || pair.step.kind === 'change'
        ? withoutHeaders(pair, 'location', 'dataserviceid')
        : pair,
  },
  {
    name: 'a preference that nobody had',
    reason: 'Documented: Preference-Applied answers a Prefer header; Azurite says it without one.',
    allow: (pair) =>
      pair.azurite.headers['preference-applied'] === 'return-content' && !pair.step.quiet
        ? withoutHeaders(pair, 'preference-applied')
        : pair,
  },
  {
    name: 'keys in links',
    reason:
      'Documented: in an address a quote of a key is doubled, and other characters are encoded. Azurite does neither.',
    allow: (pair) => inBody(pair, /"odata\.(editLink|id)":"[^"]*"/g, '"odata.$1":""'),
  },
  {
    name: 'a page with nothing behind it',
    reason:
      'Documented: a continuation may be given where nothing follows. Ours gives one where $top was reached; the next page then is empty.',
    allow: (pair) => pair,
    parts: ({ step, azurite, ours }) =>
      step.kind === 'query' &&
      step.top !== undefined &&
      !('x-ms-continuation-nextpartitionkey' in azurite.headers) &&
      'x-ms-continuation-nextpartitionkey' in ours.headers,
  },
  {
    name: 'name of a set in metadata',
    reason: 'OData names the table whose entities are told; Azurite always says Tables.',
    allow: (pair) => (pair.step.kind === 'query' ? inBody(pair, /\$metadata#[^"]*/, '$metadata') : pair),
  },
  {
    name: 'parts of a transaction',
    reason:
      'OData repeats the Content-ID of each part, and heads of parts beside ETag and status have no say; Azurite differs.',
    allow: (pair) =>
      pair.step.kind === 'batch'
        ? inBody(
            inBody(pair, HEADS_OF_PARTS, ''),
            /("odata\.error":\{"code":"\w+"),"message":\{[^}]*\}/g,
            '$1',
          )
        : pair,
  },
  {
    name: 'ETags of one transaction',
    reason:
      'An ETag tells one version of an entity from another. Those that Azurite makes within a millisecond can be the same.',
    allow: (pair) => pair,
    parts: ({ step, azurite, ours }) =>
      step.kind === 'batch' && azurite.status === 202 && etags(azurite.body) < etags(ours.body),
  },
];

/** How many different ones there are. */
const etags = (body: string): number => new Set(body.match(/<etag \d+>/g)).size;
