import {
  both,
  codeOf,
  faultOf,
  inBody,
  is4xx,
  onlyCode,
  type Pair,
  sortItems,
  withoutHeaders,
} from './pair.ts';

/** One way in which our service may answer differently. */
interface Difference {
  readonly name: string;
  /** Why ours is right, or why it does not matter. */
  readonly reason: string;
  /** Takes out of both answers what may differ; gives the pair back as it is where this difference has no say. */
  readonly allow: (pair: Pair) => Pair;
  /** The two services have different contents from here on: the sequence ends. */
  readonly parts?: (pair: Pair) => boolean;
}

/** An answer whose body has lost what matches. */
const without =
  (pattern: RegExp) =>
  (answer: Pair['ours']): Pair['ours'] => ({ ...answer, body: answer.body.replace(pattern, '') });

/** Every allowed difference. Anything else is a defect of ours. */
export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'words of errors',
    reason: 'The documentation fixes status and code; the words, and details beside them, are for people.',
    allow: (pair) =>
      pair.azurite.status < 400 || pair.ours.status < 400 ? pair : both(pair, (answer) => onlyCode(answer)),
  },
  {
    name: 'errors without a code',
    reason:
      'Azurite answers some wrong parameters with an empty 400, without code and request id; the service always has both.',
    allow: (pair) =>
      pair.azurite.status === 400 && codeOf(pair.azurite) === '' && is4xx(pair.ours)
        ? { ...pair, azurite: pair.ours }
        : pair,
  },
  {
    name: 'which of two faults is told',
    reason:
      'A wrong parameter, a body that is too large, something that is not there, all at once: the documentation has no order of them.',
    allow: (pair) => {
      const [theirs, own] = [faultOf(pair.azurite), faultOf(pair.ours)];
      return theirs !== '' && own !== '' && theirs !== own ? { ...pair, azurite: pair.ours } : pair;
    },
  },
  {
    name: 'no signature',
    reason: 'Documented: without an Authorization header 401 NoAuthenticationInformation (Azurite: 403).',
    allow: (pair) =>
      pair.step.kind === 'refused' && pair.azurite.status === 403 && pair.ours.status === 401
        ? { ...pair, azurite: pair.ours }
        : pair,
  },
  {
    name: 'a wrong signature',
    reason: 'Documented: 403 AuthenticationFailed (Azurite says AuthorizationFailure of blobs and tables).',
    allow: (pair) =>
      pair.step.kind === 'refused' &&
      pair.azurite.status === 403 &&
      codeOf(pair.ours) === 'AuthenticationFailed'
        ? { ...pair, azurite: pair.ours }
        : pair,
  },
  {
    name: 'Cache-Control of answers',
    reason: 'The service forbids caches to keep its answers, Azurite says it of some only.',
    allow: (pair) =>
      pair.service === 'blob' && 'x-ms-blob-type' in pair.ours.headers
        ? pair
        : withoutHeaders(pair, 'cache-control'),
  },
  {
    name: 'encryption',
    reason:
      'Nothing is encrypted at rest by this service, and it does not say that it were, as Azurite does.',
    allow: (pair) => withoutHeaders(pair, 'x-ms-server-encrypted', 'x-ms-request-server-encrypted'),
  },
  {
    name: 'tiers',
    reason:
      'There is one tier, which the service may tell of any blob; Azurite tells it of some answers only.',
    allow: (pair) =>
      withoutHeaders(pair, 'x-ms-access-tier', 'x-ms-access-tier-inferred', 'x-ms-access-tier-change-time'),
  },
  {
    name: 'not modified',
    reason: 'HTTP wants ETag and Last-Modified with a 304, and there is no body that could have a type.',
    allow: (pair) =>
      pair.azurite.status === 304 && pair.ours.status === 304
        ? withoutHeaders(pair, 'etag', 'last-modified', 'content-type')
        : pair,
  },
  {
    name: 'a source that is not there',
    reason:
      'The service answers 404 CannotVerifyCopySource for the source of a copy (Azurite: BlobNotFound).',
    allow: (pair) =>
      pair.step.kind === 'copy' &&
      codeOf(pair.ours) === 'CannotVerifyCopySource' &&
      pair.azurite.status === 404
        ? { ...pair, azurite: pair.ours }
        : pair,
  },
  {
    name: 'a lease of nothing',
    reason:
      'Documented: an operation with a lease id fails with 412 where there is no such lease. Azurite lets it pass for a blob that does not exist yet.',
    allow: (pair) => pair,
    parts: ({ azurite, ours }) => azurite.status < 300 && codeOf(ours) === 'LeaseNotPresentWithBlobOperation',
  },
  {
    name: 'a lease of blocks without a list',
    reason:
      'There is no blob before its first block list: 404. Azurite leases and deletes what is not there.',
    allow: (pair) => pair,
    parts: ({ step, azurite, ours }) =>
      (step.kind === 'lease' || step.kind === 'delete') &&
      azurite.status < 300 &&
      codeOf(ours) === 'BlobNotFound',
  },
  {
    name: 'conditions of a lease, of properties and of metadata',
    reason: 'Documented of these operations, too: If-None-Match holds. Azurite overlooks its "*".',
    allow: (pair) => pair,
    parts: ({ step, azurite, ours }) =>
      /^(?:lease|setProperties|setMetadata|delete)$/.test(step.kind) &&
      step.condition === 'noneMatchAny' &&
      azurite.status < 300 &&
      ours.status === 412,
  },
  {
    name: 'digests of blocks',
    reason: 'MD5 or CRC64 of what came in: which one is told depends on the version and on what was sent.',
    allow: (pair) =>
      pair.step.kind === 'putBlock' || pair.step.kind === 'putBlockList'
        ? withoutHeaders(pair, 'content-md5', 'x-ms-content-crc64')
        : pair,
  },
  {
    name: 'MD5 of the whole blob',
    reason: 'Documented: x-ms-blob-content-md5 comes with a range; Azurite says it with the whole blob, too.',
    allow: (pair) => (pair.step.kind === 'get' ? withoutHeaders(pair, 'x-ms-blob-content-md5') : pair),
  },
  {
    name: 'metadata alone',
    reason:
      'Documented: Get Blob Metadata answers with ETag, Last-Modified and metadata. Azurite sends the whole blob.',
    allow: (pair) =>
      pair.step.kind === 'getMetadata' && pair.azurite.status === 200
        ? {
            ...pair,
            azurite: {
              ...pair.azurite,
              body: '',
              headers: Object.fromEntries(
                Object.entries(pair.azurite.headers).filter(([name]) =>
                  /^(?:etag|last-modified|x-ms-meta-.*|x-ms-request-id)$/.test(name),
                ),
              ),
            },
          }
        : pair,
  },
  {
    name: 'a type that was taken away',
    reason:
      'Documented: Set Blob Properties without a type clears it; what is then told is the default of all blobs.',
    allow: (pair) =>
      pair.azurite.status < 300 &&
      pair.azurite.headers['content-type'] === undefined &&
      pair.ours.headers['content-type'] === 'application/octet-stream'
        ? withoutHeaders(pair, 'content-type')
        : pair,
  },
  {
    name: 'lists of blocks',
    reason:
      'Documented: only the lists asked for, ETag and Last-Modified only where a list was committed. Azurite always has all.',
    allow: (pair) => {
      if (pair.step.kind !== 'getBlockList') return pair;
      const plain = both(pair, (answer) => ({
        ...answer,
        body: answer.body.replace(/<(Un)?[Cc]ommittedBlocks><\/(Un)?[Cc]ommittedBlocks>/g, ''),
      }));
      return 'etag' in pair.ours.headers ? plain : withoutHeaders(plain, 'etag', 'last-modified');
    },
    // Azurite's ETag of what is no blob yet would be counted.
    parts: ({ step, azurite, ours }) =>
      step.kind === 'getBlockList' && 'etag' in azurite.headers && !('etag' in ours.headers),
  },
  {
    name: 'empty metadata in a listing',
    reason: 'An element without content, or none: whoever reads it sees no metadata either way.',
    allow: (pair) =>
      both(pair, (answer) => ({ ...answer, body: answer.body.replaceAll('<Metadata></Metadata>', '') })),
  },
  {
    name: 'properties in a listing',
    reason: 'Nothing here is encrypted or tiered, and nothing says so; see "encryption" and "tiers".',
    allow: (pair) =>
      both(pair, (answer) => ({
        ...answer,
        body: answer.body.replace(
          /<(ServerEncrypted|AccessTier|AccessTierInferred|AccessTierChangeTime)>.*?<\/\1>/g,
          '',
        ),
      })),
  },
  {
    name: 'If-None-Match: * over blocks without a list',
    reason:
      'Documented: it fails where the blob exists, and one of blocks only does not (Get Blob: 404). Azurite refuses Put Blob, with 409, and takes Put Block List with the same header.',
    allow: (pair) => pair,
    parts: ({ step, azurite, ours }) =>
      (step.kind === 'put' || step.kind === 'copy') &&
      codeOf(azurite) === 'BlobAlreadyExists' &&
      ours.status < 300,
  },
  {
    name: 'properties of blocks without a list',
    reason:
      'What is listed before its first block list has a name only; the documentation gives it no ETag and no type.',
    allow: (pair) =>
      /uncommitted/.test(String(pair.step.include))
        ? inBody(pair, /<Properties>.*?<\/Properties>|<Metadata>.*?<\/Metadata>/gs, '')
        : pair,
    // Azurite's ETag of what is no blob yet would be counted.
    parts: ({ step, azurite, ours }) =>
      /uncommitted/.test(String(step.include)) &&
      azurite.body.split('<Etag>').length !== ours.body.split('<Etag>').length,
  },
  {
    name: 'head of a listing',
    reason:
      'Documented: the address ends with a slash, and parameters that were not given are not repeated; Azurite has an empty Marker.',
    allow: (pair) =>
      both(pair, (answer) => ({
        ...answer,
        body: answer.body
          .replace(/(<EnumerationResults ServiceEndpoint="[^"]*?)\/?"/, '$1"')
          .replace('<Marker></Marker>', '')
          .replace('<Prefix></Prefix>', ''),
      })),
  },
  {
    name: 'order of a listing by delimiter',
    reason:
      'Blobs and prefixes stand in the order of their names, as the service has them; Azurite puts all prefixes first.',
    allow: (pair) => (pair.step.kind === 'list' && pair.step.delimiter ? both(pair, sortItems) : pair),
  },
  {
    name: 'a range of nothing',
    reason:
      'Documented: a range that begins at or behind the end is 416 InvalidRange; an empty blob has no other.',
    allow: (pair) =>
      pair.step.kind === 'get' &&
      codeOf(pair.ours) === 'InvalidRange' &&
      pair.azurite.headers['content-length'] === '0'
        ? { ...pair, azurite: pair.ours }
        : pair,
  },
  {
    name: 'incremental copy',
    reason:
      'A copy of a page blob by its snapshots, which is not among what is offered; Azurite says it is none.',
    allow: (pair) =>
      both(
        withoutHeaders(pair, 'x-ms-incremental-copy'),
        without(/<IncrementalCopy>false<\/IncrementalCopy>/g),
      ),
  },
  {
    name: 'copies in a listing',
    reason:
      'Documented: a listing tells of copies where "copy" is among what it is to include; Azurite always does.',
    allow: (pair) =>
      pair.step.kind === 'list' && !/copy/.test(String(pair.step.include))
        ? { ...pair, azurite: without(/<Copy(\w+)>.*?<\/Copy\1>/gs)(pair.azurite) }
        : pair,
  },
  {
    name: 'progress of an empty copy',
    reason:
      'Documented: bytes copied of all, for every copy that has succeeded; Azurite leaves it out where both are 0.',
    allow: (pair) =>
      both(
        pair.ours.headers['x-ms-copy-progress'] === '0/0' ? withoutHeaders(pair, 'x-ms-copy-progress') : pair,
        without(/<CopyProgress>0\/0<\/CopyProgress>/g),
      ),
  },
  {
    name: 'how JSON is told',
    reason:
      'The service sends JSON as a stream in UTF-8, forbids to guess its type, and names no type where there is no body; Azurite varies.',
    allow: (pair) =>
      pair.service !== 'table'
        ? pair
        : both(withoutHeaders(pair, 'x-content-type-options'), (answer) => {
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
      pair.service === 'table' && (pair.step.kind === 'createTable' || pair.step.kind === 'change')
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
    allow: (pair) =>
      pair.service === 'table' ? inBody(pair, /"odata\.(editLink|id)":"[^"]*"/g, '"odata.$1":""') : pair,
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
    name: 'count of messages',
    reason: 'Documented of Get Queue Metadata, by GET and by HEAD; Azurite says it to HEAD only.',
    allow: (pair) =>
      'x-ms-approximate-messages-count' in pair.azurite.headers
        ? pair
        : withoutHeaders(pair, 'x-ms-approximate-messages-count'),
  },
  {
    name: 'hidden until the end of its life',
    reason:
      'Documented: a message may not be invisible beyond its expiry. Azurite looks only where a time to live was given, not at the seven days of the rest.',
    allow: (pair) => pair,
    parts: ({ step, azurite, ours }) => step.kind === 'send' && azurite.status === 201 && ours.status === 400,
  },
  {
    name: 'MaxResults that nobody asked for',
    reason: 'Documented: a listing repeats the parameters it was given; Azurite adds its default of 5000.',
    allow: (pair) =>
      pair.step.max === undefined
        ? both(pair, (answer) => ({
            ...answer,
            body: answer.body.replace('<MaxResults>5000</MaxResults>', ''),
          }))
        : pair,
  },
];

const HEADS_OF_PARTS =
  /^(?:content-id|x-ms-error-code|x-content-type-options|cache-control|dataserviceversion|content-type|location|dataserviceid|preference-applied): .*\n/gm;

/** The two answers less all that may differ. */
export const allowed = (pair: Pair): Pair => DIFFERENCES.reduce((rest, { allow }) => allow(rest), pair);
