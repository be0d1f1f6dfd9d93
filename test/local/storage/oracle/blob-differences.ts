import type { Difference } from './difference.ts';
import { both, codeOf, inBody, type Pair, sortItems, withoutHeaders } from './pair.ts';

/** By how much later than the other a service may come to answer on a busy machine. */
const SLOWEST_ANSWER_S = 5;

/** An answer whose body has lost what matches. */
const without =
  (pattern: RegExp) =>
  (answer: Pair['ours']): Pair['ours'] => ({ ...answer, body: answer.body.replace(pattern, '') });

/** Allowed differences in what is answered of blobs and containers. */
export const BLOB_DIFFERENCES: readonly Difference[] = [
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
    name: 'seconds that are left of a lease',
    reason:
      'Documented: the time that is left, approximately. Each counts from the moment at which the lease came to it.',
    allow: (pair) => {
      const [theirs, own] = [pair.azurite, pair.ours].map(({ headers }) =>
        Number(headers['x-ms-lease-time']),
      );
      return Math.abs((theirs ?? Number.NaN) - (own ?? Number.NaN)) <= SLOWEST_ANSWER_S
        ? withoutHeaders(pair, 'x-ms-lease-time')
        : pair;
    },
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
    name: 'an MD5 that nobody made',
    reason:
      'Documented: Content-MD5 comes with a blob that has one, and a block list makes none. Azurite makes one for what it reads up to 4 MiB.',
    allow: (pair) =>
      pair.step.kind === 'get' && pair.ours.status === 200 && !('content-md5' in pair.ours.headers)
        ? withoutHeaders(pair, 'content-md5')
        : pair,
  },
  {
    name: 'the MD5 of no range',
    reason:
      'Documented: x-ms-range-get-content-md5 without a range is answered by 400; Azurite takes no notice of it.',
    allow: (pair) =>
      pair.step.kind === 'get' &&
      pair.step.rangeMd5 === true &&
      pair.step.range === undefined &&
      codeOf(pair.ours) === 'InvalidHeaderValue'
        ? { ...pair, azurite: pair.ours }
        : pair,
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
    allow: (pair) => {
      const types = ({ body }: Pair['ours']) => body.split('<Content-Type>').length;
      if (pair.step.kind === 'list' && types(pair.azurite) < types(pair.ours))
        return inBody(pair, /<Content-Type>application\/octet-stream<\/Content-Type>/g, '');
      return pair.azurite.status < 300 &&
        pair.azurite.headers['content-type'] === undefined &&
        pair.ours.headers['content-type'] === 'application/octet-stream'
        ? withoutHeaders(pair, 'content-type')
        : pair;
    },
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
    name: 'blocks under a blob that was written whole',
    reason:
      'Documented: Put Blob and copies do away with the blocks that no list has named. Azurite keeps them where the blob was there before.',
    allow: (pair) => pair,
    parts: ({ step, azurite, ours }) =>
      (step.kind === 'getBlockList' &&
        azurite.body.includes('<UncommittedBlocks><Block>') &&
        !ours.body.includes('<UncommittedBlocks><Block>')) ||
      (step.kind === 'putBlockList' && azurite.status === 201 && codeOf(ours) === 'InvalidBlockList'),
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
    name: 'copies that a block list was put over',
    reason:
      'Documented: a blob that Put Block List has changed says nothing of the copy it was; such a blob has no MD5. Azurite goes on telling of the copy.',
    allow: (pair) => pair,
    parts: ({ step, azurite, ours }) =>
      ((step.kind === 'head' || step.kind === 'get') &&
        'x-ms-copy-id' in azurite.headers &&
        !('x-ms-copy-id' in ours.headers) &&
        !('content-md5' in ours.headers)) ||
      (step.kind === 'list' &&
        count(azurite.body, '<CopyId>') > count(ours.body, '<CopyId>') &&
        count(ours.body, '<Content-MD5>') < count(ours.body, '<Blob>')),
  },
  {
    name: 'leases under a copy',
    reason:
      'Documented: a write to a blob whose lease has ended leaves it available, and a copy is a write to where it goes. Azurite keeps the lease there.',
    allow: (pair) => pair,
    parts: ({ azurite, ours }) =>
      /^(?:broken|expired)$/.test(azurite.headers['x-ms-lease-state'] ?? '') &&
      ours.headers['x-ms-lease-state'] === 'available' &&
      'x-ms-copy-id' in ours.headers,
  },
];

const count = (body: string, part: string): number => body.split(part).length - 1;
