import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { OutageError, PermanentError, PipelineError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import { pinned, type Resolve, resolveOnce } from '../../network/pinned.ts';
import { isPublicAddress } from '../../network/public-address.ts';
import { checkUrl, refused } from './policy.ts';
import { readBody, statusError } from './response.ts';

const MAX_REDIRECTS = 3;

export interface ForeignImageOptions {
  /** `ALLOWED_IMAGE_HOSTS`. */
  allowedHosts: readonly string[];
  /** `MAX_IMAGE_BYTES`. */
  maxBytes: number;
  signal: AbortSignal;
  /** For all of it, redirects and body included: milliseconds, 60,000 by default. */
  timeoutMs?: number;
  /** The system's resolver by default. */
  resolve?: Resolve;
  clock?: Clock;
  /** For a server on this machine that plays a public host. */
  transport?: { ca: string; port: number; isPublic: (address: string) => boolean };
}

/**
 * Fetches an image from a host on the list. The host is resolved here, every address checked, and the connection made
 * to those addresses and no others; each redirect (three at most) goes through the same checks.
 *
 * @throws {ContractError} ForeignImageRefused: the policy says no
 * @throws {PermanentError} ForeignImageNotFound, ForeignImageRejected, ForeignImageTooLarge, ForeignImageEncoded,
 *   ForeignImageUntrusted (certificate)
 * @throws {RateLimitedError} ForeignImageRateLimited
 * @throws {OutageError} ForeignImageUnavailable: 5xx, time-out, no connection
 */
export async function fetchForeignImage(url: string, options: ForeignImageOptions): Promise<Buffer> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 60_000);
  const signal = AbortSignal.any([options.signal, timeout]);
  try {
    options.signal.throwIfAborted();
    return await follow(checkUrl(url, options.allowedHosts), options, signal);
  } catch (thrown) {
    if (options.signal.aborted) throw options.signal.reason;
    throw timeout.aborted ? unavailable('did not answer in time', timeout.reason) : networkError(thrown);
  }
}

async function follow(start: URL, options: ForeignImageOptions, signal: AbortSignal): Promise<Buffer> {
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await get(url, options, signal);
    try {
      const status = response.statusCode ?? 0;
      if (status === 200) return await readBody(response, options.maxBytes);
      const { location } = response.headers;
      if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
        throw statusError(response, options.clock ?? Date.now);
      }
      url = checkUrl(location, options.allowedHosts, url);
    } finally {
      response.destroy();
    }
  }
  throw refused(`it leads through more than ${MAX_REDIRECTS} redirects.`);
}

async function get(url: URL, options: ForeignImageOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { resolve, transport } = options;
  const addresses = await resolveOnce(url.hostname, transport?.isPublic ?? isPublicAddress, signal, resolve);
  if (!addresses) throw refused('its host has an address that is not on the public Internet.');
  return new Promise((done, fail) => {
    request(url, {
      // An agent of its own: a pooled connection would have been made by an earlier check.
      agent: false,
      lookup: pinned(addresses),
      signal,
      headers: { accept: 'image/*', 'accept-encoding': 'identity', 'user-agent': 'imaginem' },
      ...(transport === undefined ? {} : { ca: transport.ca, port: transport.port }),
    })
      .on('response', done)
      .on('error', fail)
      .end();
  });
}

function networkError(thrown: unknown): unknown {
  // Said by ourselves: that is no word of the network, however its code is spelt.
  if (thrown instanceof PipelineError) return thrown;
  const code = String((thrown as { code?: unknown } | undefined)?.code);
  if (/CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH/.test(code)) {
    return new PermanentError(
      'ForeignImageUntrusted',
      `The host of image_url has a certificate that cannot be trusted (${code}). Upload the image itself.`,
      { cause: thrown },
    );
  }
  // Everything else that a system reports by a code is the network or the far side.
  return /^[A-Z][A-Z_0-9]+$/.test(code) ? unavailable(`cannot be reached (${code})`, thrown) : thrown;
}

const unavailable = (what: string, cause: unknown) =>
  new OutageError(`The host of image_url ${what}.`, { code: 'ForeignImageUnavailable', cause });
