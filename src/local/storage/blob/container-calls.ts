import { escapeXml } from '../../../domain/xml-text.ts';
import { type Answer, xmlAnswer } from '../http/answer.ts';
import { type Call, headerOf, metadataHeaders, metadataOf } from '../http/call.ts';
import { httpDate } from '../http/date.ts';
import { encodeMarker, listQuery, metadataElement } from '../http/listing.ts';
import { checkName } from '../http/names.ts';
import { aclAnswer, readAcl } from '../http/service-calls.ts';
import { checkChange } from './conditions.ts';
import type { ContainerRow } from './containers.ts';
import { containerAlreadyExists, publicAccessNotPermitted } from './errors.ts';
import {
  checkGivenLease,
  checkLease,
  leaseDurationElement,
  leaseHeaders,
  leaseState,
  readLease,
} from './lease.ts';
import { leaseCall, leaseIdOf } from './lease-call.ts';
import { type BlobStore, existingContainer } from './store.ts';
import { versionHeaders } from './version-headers.ts';

const refusePublic = (call: Call): void => {
  if (headerOf(call, 'x-ms-blob-public-access') !== undefined) throw publicAccessNotPermitted();
};

/** Create Container. */
export function createContainer(call: Call, name: string, store: BlobStore): Answer {
  if (name !== '$root' && name !== '$logs') checkName(name);
  refusePublic(call);
  const metadata = JSON.stringify(metadataOf(call));
  if (store.containers.find(call.account, name)) throw containerAlreadyExists();
  const etag = store.containers.create(call.account, name, metadata, call.now);
  return { status: 201, headers: versionHeaders({ etag, modified: call.now }) };
}

const shown = (call: Call, name: string, store: BlobStore): ContainerRow => {
  const row = existingContainer(store, call, name);
  checkGivenLease(readLease(row.lease), leaseIdOf(call), call.now, 'container');
  return row;
};

/** Get Container Properties. */
export function containerProperties(call: Call, name: string, store: BlobStore): Answer {
  const row = shown(call, name, store);
  return {
    status: 200,
    headers: {
      ...versionHeaders(row),
      ...leaseHeaders(readLease(row.lease), call.now),
      'x-ms-has-immutability-policy': 'false',
      'x-ms-has-legal-hold': 'false',
      ...metadataHeaders(row.metadata),
    },
  };
}

/** Get Container Metadata. */
export function containerMetadata(call: Call, name: string, store: BlobStore): Answer {
  const row = shown(call, name, store);
  return { status: 200, headers: { ...versionHeaders(row), ...metadataHeaders(row.metadata) } };
}

/** Set Container Metadata. */
export function setContainerMetadata(call: Call, name: string, store: BlobStore): Answer {
  const metadata = JSON.stringify(metadataOf(call));
  const row = shown(call, name, store);
  checkChange(call, row);
  const etag = store.containers.change(row, { metadata }, call.now);
  return { status: 200, headers: versionHeaders({ etag, modified: call.now }) };
}

/** Get Container ACL. */
export function containerAcl(call: Call, name: string, store: BlobStore): Answer {
  const row = shown(call, name, store);
  return aclAnswer(row.acl, versionHeaders(row));
}

/** Set Container ACL. */
export function setContainerAcl(call: Call, name: string, body: Buffer, store: BlobStore): Answer {
  refusePublic(call);
  const acl = readAcl(body);
  const row = shown(call, name, store);
  checkChange(call, row);
  const etag = store.containers.change(row, { acl }, call.now);
  return { status: 200, headers: versionHeaders({ etag, modified: call.now }) };
}

/** Delete Container. */
export function deleteContainer(call: Call, name: string, store: BlobStore): Answer {
  const row = existingContainer(store, call, name);
  checkChange(call, row);
  checkLease(readLease(row.lease), leaseIdOf(call), call.now, 'container');
  store.containers.remove(row);
  return { status: 202 };
}

/** Lease Container. */
export function leaseContainer(call: Call, name: string, store: BlobStore): Answer {
  const row = existingContainer(store, call, name);
  checkChange(call, row);
  const { lease, status, headers } = leaseCall(call, readLease(row.lease));
  store.containers.setLease(row, lease ? JSON.stringify(lease) : null);
  return { status, headers: { ...versionHeaders(row), ...headers } };
}

/** List Containers. */
export function listContainers(call: Call, store: BlobStore): Answer {
  const { prefix, from, limit, head, include } = listQuery(call);
  const rows = store.containers
    .page(call.account, from, limit + 1)
    .filter(({ name }) => name.startsWith(prefix));
  const next = rows.length > limit ? rows.pop()?.name : undefined;
  const items = rows.map((row) => {
    const lease = readLease(row.lease);
    const state = leaseState(lease, call.now);
    const locked = state === 'leased' || state === 'breaking';
    return `<Container><Name>${row.name}</Name><Properties><Last-Modified>${httpDate(row.modified)}</Last-Modified><Etag>"${row.etag}"</Etag><LeaseStatus>${
      locked ? 'locked' : 'unlocked'
    }</LeaseStatus><LeaseState>${state}</LeaseState>${leaseDurationElement(lease, state)}<HasImmutabilityPolicy>false</HasImmutabilityPolicy><HasLegalHold>false</HasLegalHold></Properties>${
      include.has('metadata') ? metadataElement(row.metadata) : ''
    }</Container>`;
  });
  const endpoint = escapeXml(`http://${call.headers.host}/${call.account}/`);
  return xmlAnswer(
    `<EnumerationResults ServiceEndpoint="${endpoint}">${head}<Containers>${items.join('')}</Containers><NextMarker>${
      next === undefined ? '' : encodeMarker(next)
    }</NextMarker></EnumerationResults>`,
  );
}
