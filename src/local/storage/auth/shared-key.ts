import type { IncomingHttpHeaders } from 'node:http';
import type { Call } from '../http/call.ts';
import { compareHeaderNames } from './header-order.ts';

type Order = (one: string, other: string) => number;

const ordinal: Order = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
/** Clients differ in how they sort names with hyphens and underscores; both orders sign the same headers. */
const ORDERS: readonly Order[] = [ordinal, compareHeaderNames];

/** The texts that a SharedKey or SharedKeyLite signature of this call may be made over. */
export function* stringsToSign(call: Call, scheme: 'SharedKey' | 'SharedKeyLite'): Generator<string> {
  const { headers, method, service } = call;
  const header = (name: string): string => String(headers[name] ?? '');
  const msDate = headers['x-ms-date'];
  if (service === 'table') {
    const date = msDate === undefined ? header('date') : String(msDate);
    const resource = `/${call.account}${call.rawPath}${compOf(call)}`;
    if (scheme === 'SharedKeyLite') yield `${date}\n${resource}`;
    else yield `${method}\n${header('content-md5')}\n${header('content-type')}\n${date}\n${resource}`;
    return;
  }
  const date = msDate === undefined ? header('date') : '';
  const names = Object.keys(headers).filter((name) => name.startsWith('x-ms-'));
  for (const order of ORDERS) {
    const signed = canonicalHeaders(headers, names.sort(order));
    if (scheme === 'SharedKeyLite') {
      const resource = `/${call.account}${call.rawPath}${compOf(call)}`;
      yield `${method}\n${header('content-md5')}\n${header('content-type')}\n${date}\n${signed}${resource}`;
      continue;
    }
    const length = header('content-length');
    yield `${method}\n${header('content-encoding')}\n${header('content-language')}\n${
      length === '0' ? '' : length
    }\n${header('content-md5')}\n${header('content-type')}\n${date}\n${header('if-modified-since')}\n${header(
      'if-match',
    )}\n${header('if-none-match')}\n${header('if-unmodified-since')}\n${header('range')}\n${signed}/${
      call.account
    }${call.rawPath}${queryLines(call)}`;
  }
}

const compOf = ({ query }: Call): string => {
  const comp = query.get('comp');
  return comp === undefined ? '' : `?comp=${comp}`;
};

function canonicalHeaders(headers: IncomingHttpHeaders, names: readonly string[]): string {
  let text = '';
  for (const name of names) text += `${name}:${String(headers[name]).trim()}\n`;
  return text;
}

function queryLines({ query }: Call): string {
  if (query.size === 0) return '';
  let text = '';
  for (const name of [...query.keys()].sort()) text += `\n${name}:${query.get(name)}`;
  return text;
}
