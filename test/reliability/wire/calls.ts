import type { IncomingHttpHeaders } from 'node:http';

/** What stands behind the proxy. */
export const SERVICES = ['blob', 'queue', 'table', 'vision'] as const;
export type Service = (typeof SERVICES)[number];

/** A request on its way to a service. */
export interface WireRequest {
  readonly service: Service;
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly body: Buffer;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Its kind, such as `queue send` or `face add`: see `callOf`. */
  readonly call: string;
}

/** The kinds of request, each as `[service, method, pattern of path and query, name]`; the first that fits counts. */
const KINDS: readonly (readonly [Service, string, RegExp, string])[] = [
  ['queue', 'GET', /\/messages\?(?!.*peekonly)/, 'queue receive'],
  ['queue', 'POST', /\/messages(\?|$)/, 'queue send'],
  ['queue', 'DELETE', /\/messages\/[^?]+/, 'queue delete'],
  ['queue', 'PUT', /\/messages\/[^?]+/, 'queue renew'],
  ['queue', '*', /./, 'queue other'],
  ['table', 'GET', /\(PartitionKey=/, 'table get'],
  ['table', 'GET', /./, 'table list'],
  ['table', 'POST', /\/Tables(\?|$)/, 'table create'],
  ['table', 'POST', /./, 'table insert'],
  ['table', 'DELETE', /./, 'table delete'],
  ['table', '*', /./, 'table merge'],
  ['blob', 'GET', /[?&]comp=list/, 'blob list'],
  ['blob', 'GET', /./, 'blob read'],
  ['blob', 'HEAD', /./, 'blob head'],
  ['blob', 'PUT', /[?&]restype=container/, 'blob container'],
  ['blob', 'PUT', /./, 'blob write'],
  ['blob', '*', /./, 'blob delete'],
  ['vision', 'POST', /\/analyze(\?|$)/, 'vision analyze'],
  ['vision', 'POST', /\/read\/analyze(\?|$)/, 'vision read'],
  ['vision', 'GET', /\/analyzeResults\//, 'vision read result'],
  ['vision', 'POST', /\/detect(\?|$)/, 'face detect'],
  ['vision', 'POST', /\/findsimilars(\?|$)/, 'face find'],
  ['vision', 'POST', /\/persistedfaces(\?|$)/i, 'face add'],
  ['vision', 'DELETE', /\/persistedfaces\//i, 'face remove'],
  ['vision', 'GET', /\/persistedfaces/i, 'face list faces'],
  ['vision', 'POST', /\/train(\?|$)/, 'face train'],
  ['vision', 'GET', /\/training(\?|$)/, 'face training'],
  ['vision', 'PUT', /./, 'face list create'],
  ['vision', 'DELETE', /./, 'face list delete'],
  ['vision', '*', /./, 'face list'],
];

export function callOf(service: Service, method: string, url: string): string {
  if (service === 'vision' && /\/read\/analyze(\?|$)/.test(url)) return 'vision read';
  for (const [of, verb, pattern, name] of KINDS) {
    if (of === service && (verb === '*' || verb === method) && pattern.test(url)) return name;
  }
  return `${service} other`;
}

/** The queue that a queue request is about. */
export const queueOf = (url: string): string => /^\/[^/]+\/([^/?]+)/.exec(url)?.[1] ?? '';

/** The container or table that a request is about. */
export const storeOf = (url: string): string => /^\/[^/]+\/([^/?(]+)/.exec(url)?.[1] ?? '';

/** Kind and store of a request: what makes it the same point in every job. */
export function nameOf({ call, service, url }: WireRequest): string {
  if (service === 'vision') return call;
  return `${call} ${service === 'queue' ? queueOf(url) : storeOf(url)}`;
}
