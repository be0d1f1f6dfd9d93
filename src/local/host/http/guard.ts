import type { IncomingMessage } from 'node:http';

const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Why a request that brings a body is refused before a byte of it is read, or undefined. The app's own gate says it of
 * every request, but only sees one whose body is here in whole: any page in the operator's browser could fill the memory.
 *
 * @param port where this host listens
 */
export function foreignBody(
  { headers, method }: Pick<IncomingMessage, 'headers' | 'method'>,
  port: number,
): { code: string; sentence: string } | undefined {
  const empty = headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0);
  if (empty) return undefined;
  const host = headers.host?.toLowerCase();
  if (host === undefined || !LOCAL_NAMES.some((name) => host === `${name}:${port}`)) {
    return {
      code: 'HostRefused',
      sentence: `This host answers to http://127.0.0.1:${port} only: open it by that address.`,
    };
  }
  const { origin, 'sec-fetch-site': site } = headers;
  const foreign =
    (origin !== undefined && origin.toLowerCase() !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && !(site === 'none' && method === 'GET'));
  if (!foreign) return undefined;
  return {
    code: 'CrossSite',
    sentence: "This was asked for by another site: open this app's own page instead.",
  };
}
