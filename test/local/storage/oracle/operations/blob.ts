import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { encodePath, type WireRequest } from '../../wire/request.ts';
import type { Language, Session } from '../operation.ts';
import {
  CONDITIONS,
  type Condition,
  condition,
  containerCondition,
  LEASE_ACTIONS,
  type LeaseAction,
  lease,
  leaseHeader,
  leaseRequest,
} from './conditions.ts';

/** Names that are easily got wrong: spaces, "%", "+", quotes, Unicode, a leading slash, virtual folders. */
const BLOB_NAMES = ['a', 'a/b', 'a/b/c d', 'a-', 'ä/ß ü.jpg', '50%+1', "o'k&<x>", '/lead', 'Z'] as const;
const PREFIXES = ['', 'a', 'a/', 'a/b/', 'ä', '/', 'nothing', '50%'] as const;
const METADATA: readonly Record<string, string>[] = [
  {},
  { 'x-ms-meta-one': '1' },
  { 'x-ms-meta-Name': 'Two words', 'x-ms-meta-one': '3' },
];
const RANGES = [
  undefined,
  'bytes=0-',
  'bytes=0-3',
  'bytes=2-5',
  'bytes=5-',
  'bytes=4-100000',
  'bytes=99999-',
] as const;
const TYPES = [undefined, 'image/jpeg', 'text/plain; charset=utf-8'] as const;
const BLOCKS = ['AAAA', 'AAAB', 'AAAC'] as const;
const LISTS = ['committed', 'uncommitted', 'all'] as const;
const MARKS = ['Committed', 'Uncommitted', 'Latest'] as const;
/** Beyond where a small content may be kept elsewhere than a large one. */
const SIZES = [0, 1, 7, 700, 70_000] as const;
const INCLUDES = [undefined, 'metadata', 'metadata,uncommittedblobs', 'snapshots', 'metadata,copy'] as const;

const kind = <K extends string>(value: K) => fc.constant(value);
const container = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constant(1) },
);
/** Mostly few names, so that steps meet. */
const name = fc.oneof(
  { weight: 4, arbitrary: fc.nat(1) },
  { weight: 1, arbitrary: fc.nat(BLOB_NAMES.length - 1) },
);
const at = { container, name };
const guarded = { ...at, condition, lease };
const of = <T>(items: readonly T[]) => fc.constantFrom(...items);

export const blobStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind('createContainer'), container, metadata: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('deleteContainer'), container, condition: containerCondition, lease }),
  },
  fc.record({ kind: kind('getContainer'), container, head: fc.boolean(), lease }),
  fc.record({
    kind: kind('setContainerMetadata'),
    container,
    metadata: fc.nat(2),
    condition: fc.constantFrom<Condition[]>('none', 'modifiedSincePast'),
    lease,
  }),
  fc.record({
    kind: kind('leaseContainer'),
    container,
    action: of(LEASE_ACTIONS),
    own: fc.constantFrom(1, 2),
    other: fc.constantFrom(1, 2),
  }),
  fc.record({ kind: kind('listContainers'), metadata: fc.boolean(), max: fc.constantFrom(undefined, 1) }),
  {
    weight: 12,
    arbitrary: fc.record({
      ...{ kind: kind('put'), ...guarded, size: of(SIZES), fill: fc.nat(3), type: of(TYPES) },
      ...{
        metadata: fc.nat(2),
        digest: fc.constantFrom('none', 'none', 'right', 'right', 'wrong'),
        properties: fc.boolean(),
      },
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ kind: kind('get'), ...guarded, range: of(RANGES) },
      rangeMd5: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind('head'), ...guarded }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('delete'), ...guarded }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('setMetadata'), ...guarded, metadata: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('getMetadata'), ...guarded }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('setProperties'), ...guarded, type: of(TYPES) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ kind: kind('list'), container, prefix: of(PREFIXES), delimiter: fc.constantFrom(undefined, '/') },
      ...{ max: fc.constantFrom(undefined, 1, 2), include: of(INCLUDES), goOn: fc.boolean() },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kind('putBlock'), ...at, block: fc.nat(2), fill: fc.nat(3), lease }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ kind: kind('putBlockList'), ...guarded, metadata: fc.nat(2) },
      blocks: fc.array(fc.record({ block: fc.nat(2), mark: of(MARKS) }), { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('getBlockList'), ...at, list: of(LISTS), lease }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('copy'), ...guarded, from: name, metadata: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ kind: kind('lease'), ...at, action: of(LEASE_ACTIONS), condition },
      ...{ own: fc.constantFrom(1, 2), other: fc.constantFrom(1, 2) },
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('refused'),
      ...at,
      authorisation: fc.constantFrom('none', 'stranger'),
    }),
  },
);

/** The parts of a step that all kinds together may have. */
interface BlobStep {
  readonly kind: string;
  readonly container?: number;
  readonly name?: number;
  readonly from?: number;
  readonly condition?: Condition;
  readonly lease?: number;
  readonly metadata?: number | boolean;
  readonly action?: LeaseAction;
  readonly own?: number;
  readonly other?: number;
  readonly size?: number;
  readonly fill?: number;
  readonly type?: string | undefined;
  readonly digest?: string;
  readonly properties?: boolean;
  readonly range?: string | undefined;
  readonly rangeMd5?: boolean;
  readonly head?: boolean;
  readonly prefix?: string;
  readonly delimiter?: string | undefined;
  readonly max?: number | undefined;
  readonly include?: string | undefined;
  readonly goOn?: boolean;
  readonly block?: number;
  readonly blocks?: readonly { block: number; mark: string }[];
  readonly list?: string;
  readonly authorisation?: 'none' | 'stranger';
}

const content = (size: number, fill: number): Buffer => Buffer.alloc(size, `${fill}bcdefghij`);
const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('base64');
const containerOf = (step: BlobStep, { space }: Session): string => `${space}-c${step.container ?? 0}`;
const blobPath = (step: BlobStep, session: Session, index = step.name ?? 0): string =>
  `/${containerOf(step, session)}/${encodePath(BLOB_NAMES[index] ?? '')}`;
const resourceOf = (step: BlobStep): string =>
  step.name === undefined ? `container ${step.container}` : `blob ${step.container} ${step.name}`;
const listOf = (step: BlobStep): string =>
  JSON.stringify([step.container, step.prefix, step.delimiter, step.include]);

export const blobLanguage: Language<BlobStep> = {
  request(step, session) {
    const guard = {
      ...CONDITIONS[step.condition ?? 'none'](session.memory, resourceOf(step)),
      ...leaseHeader(step.lease ?? 0),
    };
    const metadata = METADATA[Number(step.metadata ?? 0)] ?? {};
    return { service: 'blob', ...make(step, session, guard, metadata) };
  },
  note(step, answer, { memory }) {
    if (step.kind !== 'list') {
      memory.noteEtag(resourceOf(step), answer.status < 300 ? answer.headers.etag : undefined);
      return;
    }
    const marker = /<NextMarker>([^<]+)<\/NextMarker>/.exec(answer.body.toString())?.[1];
    memory.noteMarker(listOf(step), marker === undefined ? undefined : { marker: unescapeXml(marker) });
  },
};

const unescapeXml = (text: string): string =>
  text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'" })[name] ?? '&',
  );

type Guard = Readonly<Record<string, string>>;

function make(step: BlobStep, session: Session, guard: Guard, metadata: Guard): Omit<WireRequest, 'service'> {
  const container = `/${containerOf(step, session)}`;
  const ofContainer = { path: container, query: { restype: 'container' } };
  switch (step.kind) {
    case 'createContainer':
      return { method: 'PUT', ...ofContainer, headers: metadata };
    case 'deleteContainer':
      return { method: 'DELETE', ...ofContainer, headers: guard };
    case 'getContainer':
      return { method: step.head ? 'HEAD' : 'GET', ...ofContainer, headers: guard };
    case 'setContainerMetadata':
      return containerComp('metadata', container, { ...guard, ...metadata });
    case 'leaseContainer':
      return containerComp('lease', container, leaseOf(step));
    case 'listContainers':
      return {
        ...{ method: 'GET', path: '/' },
        query: {
          ...{ comp: 'list', prefix: session.space },
          ...(step.metadata && { include: 'metadata' }),
          ...(step.max && { maxresults: String(step.max) }),
        },
      };
    case 'list':
      return {
        ...{ method: 'GET', path: container },
        query: {
          ...{ restype: 'container', comp: 'list', ...(step.prefix && { prefix: step.prefix }) },
          ...(step.delimiter && { delimiter: step.delimiter }),
          ...(step.max && { maxresults: String(step.max) }),
          ...(step.include && { include: step.include }),
          ...(step.goOn && session.memory.marker(listOf(step))),
        },
      };
    default:
      return makeOfBlob(step, session, guard, metadata);
  }
}

const containerComp = (comp: string, path: string, headers: Guard): Omit<WireRequest, 'service'> => ({
  ...{ method: 'PUT', path, headers },
  query: { restype: 'container', comp },
});

const leaseOf = ({ action = 'acquire', own = 1, other = 2 }: BlobStep): Guard =>
  leaseRequest(action, own, other);

function makeOfBlob(
  step: BlobStep,
  session: Session,
  guard: Guard,
  metadata: Guard,
): Omit<WireRequest, 'service'> {
  const path = blobPath(step, session);
  const comp = (name: string, headers: Guard) => ({ method: 'PUT', path, query: { comp: name }, headers });
  switch (step.kind) {
    case 'put': {
      const body = content(step.size ?? 0, step.fill ?? 0);
      const digest = step.digest === 'wrong' ? md5(Buffer.from('else')) : md5(body);
      return {
        ...{ method: 'PUT', path, body },
        headers: {
          ...{ 'x-ms-blob-type': 'BlockBlob', ...guard, ...metadata },
          ...(step.type && { 'x-ms-blob-content-type': step.type }),
          ...(step.digest !== 'none' && { 'content-md5': digest }),
          ...(step.properties && {
            ...{ 'x-ms-blob-cache-control': 'max-age=5', 'x-ms-blob-content-language': 'de' },
            ...{ 'x-ms-blob-content-encoding': 'identity', 'x-ms-blob-content-disposition': 'inline' },
          }),
        },
      };
    }
    case 'get':
      return {
        ...{ method: 'GET', path },
        headers: {
          ...guard,
          ...(step.range && { 'x-ms-range': step.range }),
          ...(step.rangeMd5 && { 'x-ms-range-get-content-md5': 'true' }),
        },
      };
    case 'refused':
      return { method: 'GET', path, authorisation: step.authorisation ?? 'none' };
    case 'head':
      return { method: 'HEAD', path, headers: guard };
    case 'delete':
      return { method: 'DELETE', path, headers: guard };
    case 'setMetadata':
      return comp('metadata', { ...guard, ...metadata });
    case 'getMetadata':
      return { method: 'GET', path, query: { comp: 'metadata' }, headers: guard };
    case 'setProperties':
      return comp('properties', { ...guard, ...(step.type && { 'x-ms-blob-content-type': step.type }) });
    case 'putBlock':
      return {
        ...{ method: 'PUT', path, headers: guard, body: content(5 + (step.fill ?? 0), step.fill ?? 0) },
        query: { comp: 'block', blockid: BLOCKS[step.block ?? 0] ?? '' },
      };
    case 'putBlockList': {
      const blocks = (step.blocks ?? []).map(({ block, mark }) => `<${mark}>${BLOCKS[block]}</${mark}>`);
      const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${blocks.join('')}</BlockList>`;
      return { ...comp('blocklist', { ...guard, ...metadata, 'content-type': 'application/xml' }), body };
    }
    case 'getBlockList':
      return {
        method: 'GET',
        path,
        query: { comp: 'blocklist', blocklisttype: step.list ?? 'all' },
        headers: guard,
      };
    case 'copy':
      return {
        ...{ method: 'PUT', path },
        headers: {
          ...guard,
          ...metadata,
          'x-ms-copy-source': `{endpoint}${blobPath(step, session, step.from)}`,
        },
      };
    case 'lease':
      return comp('lease', { ...guard, ...leaseOf(step) });
    default:
      throw new Error(`No request is known for "${step.kind}".`);
  }
}
