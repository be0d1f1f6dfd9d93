import { Readable } from 'node:stream';
import type { Answer } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import type { Call } from '../http/call.ts';
import { ServiceProperties, serviceStats } from '../http/service-calls.ts';
import { invalidUri, notImplemented, unsupportedVerb } from '../http/storage-error.ts';
import { runBlobBatch } from './batch.ts';
import { deleteBlob, leaseBlob, setMetadata, setProperties, setTier } from './change-calls.ts';
import {
  containerAcl,
  containerMetadata,
  containerProperties,
  createContainer,
  deleteContainer,
  leaseContainer,
  listContainers,
  setContainerAcl,
  setContainerMetadata,
} from './container-calls.ts';
import { abortCopy, copyBlob, putBlockFromUrl } from './copy-calls.ts';
import { listBlobs } from './list-blobs.ts';
import { placeOf } from './place.ts';
import { putBlob, putBlock, putBlockList } from './put-calls.ts';
import { blobMetadata, blockList, getBlob, headBlob, withRangeDigest } from './read-calls.ts';
import type { BlobStore, Place } from './store.ts';

const SMALL_BODY = 64 * 1024;
const BATCH_BODY = 4 * 1024 * 1024;

/** The Blob service: which operation a request is. */
export function blobService(store: BlobStore): (call: Call) => Promise<Answer> {
  const { group } = store.state;
  const properties = new ServiceProperties(store.state);
  const change = <T>(work: () => T): Promise<T> => store.contents.change(work);

  const onService = async (call: Call): Promise<Answer> => {
    const { method, query } = call;
    const comp = query.get('comp');
    const restype = query.get('restype');
    if (comp === 'list' && method === 'GET') return group.read(() => listContainers(call, store));
    if (comp === 'blobs') throw notImplemented('Finding blobs by tags is');
    if (comp === 'userdelegationkey') throw notImplemented('Signing in by Microsoft Entra is');
    if (restype === 'account' && comp === 'properties') return accountInformation();
    if (restype !== 'service') throw invalidUri();
    if (comp === 'stats' && method === 'GET') return serviceStats();
    if (comp !== 'properties') throw invalidUri();
    if (method === 'GET') return group.read(() => properties.get(call));
    if (method !== 'PUT') throw unsupportedVerb();
    const body = await readBody(call, SMALL_BODY);
    return group.write(() => properties.set(call, body));
  };

  const onContainer = async (call: Call, name: string): Promise<Answer> => {
    const { method, query } = call;
    const reads = method === 'GET' || method === 'HEAD';
    const comp = query.get('comp');
    if (query.get('restype') === 'account') return accountInformation();
    if (query.get('restype') !== 'container') throw invalidUri();
    switch (comp) {
      case undefined:
        if (method === 'PUT') return group.write(() => createContainer(call, name, store));
        if (reads) return group.read(() => containerProperties(call, name, store));
        if (method === 'DELETE') return group.write(() => deleteContainer(call, name, store));
        throw unsupportedVerb();
      case 'list':
        if (method !== 'GET') throw unsupportedVerb();
        return group.read(() => listBlobs(call, name, store));
      case 'metadata':
        if (reads) return group.read(() => containerMetadata(call, name, store));
        if (method !== 'PUT') throw unsupportedVerb();
        return group.write(() => setContainerMetadata(call, name, store));
      case 'acl': {
        if (reads) return group.read(() => containerAcl(call, name, store));
        if (method !== 'PUT') throw unsupportedVerb();
        const body = await readBody(call, SMALL_BODY);
        return group.write(() => setContainerAcl(call, name, body, store));
      }
      case 'lease':
        if (method !== 'PUT') throw unsupportedVerb();
        return group.write(() => leaseContainer(call, name, store));
      default:
        throw notImplemented('This operation of containers is');
    }
  };

  const onPut = (call: Call, place: Place): Promise<Answer> => {
    const { query, headers } = call;
    const copies = headers['x-ms-copy-source'] !== undefined;
    switch (query.get('comp')) {
      case undefined:
        return copies ? change(() => copyBlob(call, place, store)) : putBlob(call, place, store);
      case 'block':
        return copies ? change(() => putBlockFromUrl(call, place, store)) : putBlock(call, place, store);
      case 'blocklist':
        return putBlockList(call, place, store);
      case 'metadata':
        return change(() => setMetadata(call, place, store));
      case 'properties':
        return change(() => setProperties(call, place, store));
      case 'lease':
        return change(() => leaseBlob(call, place, store));
      case 'tier':
        return change(() => setTier(call, place, store));
      case 'copy':
        return change(() => abortCopy());
      default:
        throw notImplemented(`The operation "${query.get('comp')}" of blobs is`);
    }
  };

  const onBlob = async (call: Call, place: Place): Promise<Answer> => {
    const { method, query } = call;
    if (query.has('snapshot') || query.has('versionid')) throw notImplemented('Snapshots and versions are');
    const comp = query.get('comp');
    if (query.get('restype') === 'account') return accountInformation();
    switch (method) {
      case 'PUT':
        return onPut(call, place);
      case 'GET':
      case 'HEAD':
        if (comp === 'blocklist') return group.read(() => blockList(call, place, store));
        if (comp === 'metadata') return group.read(() => blobMetadata(call, place, store));
        if (comp !== undefined) throw notImplemented(`The operation "${comp}" of blobs is`);
        if (method === 'HEAD') return group.read(() => headBlob(call, place, store));
        return group
          .read(() => getBlob(call, place, store), dropBody)
          .then((answer) => withRangeDigest(call, answer));
      case 'DELETE':
        if (comp !== undefined) throw notImplemented(`The operation "${comp}" of blobs is`);
        return change(() => deleteBlob(call, place, store));
      case 'POST':
        throw notImplemented('Querying the contents of blobs is');
      default:
        throw unsupportedVerb();
    }
  };

  const handle = async (call: Call): Promise<Answer> => {
    if (call.query.get('comp') === 'batch') return onBatch(call);
    if (call.rawResource === '') return onService(call);
    const place = placeOf(call.rawResource);
    return place.blob === '' ? onContainer(call, place.container) : onBlob(call, place);
  };
  const onBatch = async (call: Call): Promise<Answer> => {
    if (call.method !== 'POST') throw unsupportedVerb();
    const body = await readBody(call, BATCH_BODY);
    const container = call.rawResource === '' ? {} : { container: call.rawResource };
    return runBlobBatch(call, body, { permit: store.permit, run: handle, ...container });
  };
  return handle;
}

/** A file that is held open for an answer that is not given would never be removed. */
const dropBody = ({ body }: Answer): void => {
  if (body instanceof Readable) body.destroy();
};

const accountInformation = (): Answer => ({
  status: 200,
  headers: {
    'x-ms-sku-name': 'Standard_LRS',
    'x-ms-account-kind': 'StorageV2',
    'x-ms-is-hns-enabled': 'false',
  },
});
