/** A request that left a process: what it was, by the names of the services' REST references. */
interface Operation {
  service: 'blob' | 'queue' | 'table' | 'vision' | 'face' | 'other';
  name: string;
}

/** Where the services of a run listen: `host:port`. */
export interface Addresses {
  blob: string;
  queue: string;
  table: string;
  /** One address serves Computer Vision and Face. */
  engine?: string;
}

interface RequestFacts {
  /** `host:port`. */
  host: string;
  method: string;
  /** Path and query, as sent. */
  path: string;
  /** Whether an `If-Match` header went along: it tells a merge from an insert-or-merge. */
  conditional: boolean;
}

/** Names a request from the outside alone, so that whatever code sends it is counted alike. */
export function operationOf(request: RequestFacts, addresses: Addresses): Operation {
  const url = new URL(request.path, 'http://host');
  // The emulator's addresses have the account as first part of the path.
  const parts = url.pathname.split('/').filter((part) => part !== '');
  switch (request.host) {
    case addresses.blob:
      return { service: 'blob', name: blobOperation(request.method, parts.slice(1), url.searchParams) };
    case addresses.queue:
      return { service: 'queue', name: queueOperation(request.method, parts.slice(1), url.searchParams) };
    case addresses.table:
      return { service: 'table', name: tableOperation(request, parts.slice(1)) };
    case addresses.engine:
      return {
        service: parts[0] === 'face' ? 'face' : 'vision',
        name: visionOperation(request.method, parts),
      };
    default:
      return { service: 'other', name: `${request.method} ${request.host}` };
  }
}

const BY_METHOD: Readonly<Record<string, string>> = { GET: 'Get', HEAD: 'Get properties', DELETE: 'Delete' };

function blobOperation(method: string, parts: string[], query: URLSearchParams): string {
  if (query.get('comp') === 'list')
    return query.get('restype') === 'container' ? 'List Blobs' : 'List Containers';
  const what = query.get('restype') === 'container' && parts.length === 1 ? 'Container' : 'Blob';
  if (method === 'PUT') return what === 'Container' ? 'Create Container' : 'Put Blob';
  if (method === 'HEAD') return `Get ${what} Properties`;
  return `${BY_METHOD[method] ?? method} ${what}`;
}

function queueOperation(method: string, [, messages, id]: string[], query: URLSearchParams): string {
  if (messages === 'messages') {
    if (method === 'POST') return 'Put Message';
    if (method === 'PUT') return 'Update Message';
    if (method === 'DELETE') return id === undefined ? 'Clear Messages' : 'Delete Message';
    return query.get('peekonly') === 'true' ? 'Peek Messages' : 'Get Messages';
  }
  if (query.get('comp') === 'metadata') return method === 'PUT' ? 'Set Queue Metadata' : 'Get Queue Metadata';
  return method === 'PUT' ? 'Create Queue' : `${BY_METHOD[method] ?? method} Queue`;
}

function tableOperation({ method, conditional }: RequestFacts, [target = '']: string[]): string {
  const name = decodeURIComponent(target);
  if (name === 'Tables') return method === 'POST' ? 'Create Table' : 'Query Tables';
  if (method === 'POST') return 'Insert Entity';
  if (method === 'GET') return /\(.+\)$/.test(name) ? 'Get Entity' : 'Query Entities';
  if (method === 'DELETE') return 'Delete Entity';
  const kind = method === 'PUT' ? 'Replace' : 'Merge';
  return conditional ? `${kind} Entity` : `Insert Or ${kind} Entity`;
}

const IDENTIFIER = /^[0-9a-f]{8}-|-(fresh|large)-\d+$/i;

/** `POST read/analyze`, `POST facelists/{id}/persistedfaces`, ... */
function visionOperation(method: string, parts: string[]): string {
  const path = parts.slice(2).map((part) => (IDENTIFIER.test(part) ? '{id}' : part));
  return `${method} ${path.join('/')}`;
}
