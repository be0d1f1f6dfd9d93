import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { Webhook as Signer } from 'standardwebhooks';
import { OutageError, PermanentError, RateLimitedError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { parseRetryAfter } from '../domain/retry-after.ts';
import { isLoopbackHost } from '../domain/telling-settings.ts';
import { type Checked, pinned, type Resolve, resolveOnce } from '../network/pinned.ts';
import { isPublicAddress } from '../network/public-address.ts';
import type { CloudEvent } from './cloud-event.ts';
import type { Receiver } from './receiver.ts';

/** For all of it, resolving and answering included. Source: Standard Webhooks, 15 to 30 seconds. */
const TIMEOUT_MS = 15_000;

export interface WebhookOptions {
  /** https, or http of this machine: the settings have checked it. */
  readonly url: string;
  readonly secret: string;
  /** Whether its host may have an address that is not on the public Internet. One that names this machine always may. */
  readonly allowPrivate: boolean;
  readonly clock: Clock;
  readonly timeoutMs?: number;
  /** The system's resolver by default. */
  readonly resolve?: Resolve;
  /** For a server on this machine that plays a public host. */
  readonly transport?: { ca: string; port: number; isPublic: (address: string) => boolean };
}

/** Posts events to an address, signed as Standard Webhooks says. Follows no redirect: nobody has checked where it leads. */
export class Webhook implements Receiver {
  readonly kind = 'webhook';
  readonly #options: WebhookOptions;
  readonly #url: URL;
  readonly #signer: Signer;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#url = new URL(options.url);
    this.#signer = new Signer(options.secret);
  }

  async send(event: CloudEvent, signal: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs ?? TIMEOUT_MS);
    try {
      signal.throwIfAborted();
      const response = await this.#post(event, AbortSignal.any([signal, timeout]));
      const { statusCode, headers } = response;
      // What it says is of no interest, and could be without end.
      response.destroy();
      this.#judge(Number(statusCode), headers['retry-after']);
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      if (timeout.aborted) throw unavailable('did not answer in time', thrown);
      throw networkError(thrown);
    }
  }

  async #post(event: CloudEvent, signal: AbortSignal): Promise<IncomingMessage> {
    const addresses = await this.#addresses(signal);
    const body = JSON.stringify(event);
    const at = new Date(this.#options.clock());
    const { transport } = this.#options;
    const request = this.#url.protocol === 'https:' ? requestSecure : requestPlain;
    return new Promise((done, fail) => {
      request(this.#url, {
        method: 'POST',
        // An agent of its own: a pooled connection would have been made by an earlier check.
        agent: false,
        lookup: pinned(addresses),
        signal,
        headers: {
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'imaginem',
          'webhook-id': event.id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': this.#signer.sign(event.id, at, body),
        },
        ...(transport === undefined ? {} : { ca: transport.ca, port: transport.port }),
      })
        .on('response', done)
        .on('error', fail)
        .end(body);
    });
  }

  async #addresses(signal: AbortSignal): Promise<Checked> {
    const { allowPrivate, resolve, transport } = this.#options;
    const { hostname } = this.#url;
    const isLocal = isLoopbackHost(hostname);
    const isAllowed = (address: string) =>
      isLocal || allowPrivate || (transport?.isPublic ?? isPublicAddress)(address);
    const addresses = await resolveOnce(hostname.replace(/^\[|\]$/g, ''), isAllowed, signal, resolve);
    if (addresses) return addresses;
    throw new OutageError(
      'The host of WEBHOOK_URL has an address that is not on the public Internet: correct it, or set WEBHOOK_PRIVATE_ADDRESSES to on.',
      { code: 'WebhookRefused' },
    );
  }

  #judge(status: number, retryAfter: string | undefined): void {
    if (status >= 200 && status < 300) return;
    const wait = parseRetryAfter(retryAfter, this.#options.clock());
    if (status === 410)
      throw new PermanentError('WebhookGone', 'The receiver says that it is gone for good (HTTP 410).');
    if (status === 429)
      throw new RateLimitedError('The receiver asks for fewer events (HTTP 429).', wait ?? 0, {
        code: 'WebhookRateLimited',
      });
    const where = status >= 300 && status < 400 ? '; no redirect is followed' : '';
    throw new OutageError(`The receiver did not take the event (HTTP ${status}${where}).`, {
      code: 'WebhookFailed',
      ...(wait !== undefined && { retryAfterMs: wait }),
    });
  }
}

const unavailable = (what: string, cause: unknown) =>
  new OutageError(`The host of WEBHOOK_URL ${what}.`, { code: 'WebhookUnavailable', cause });

/** The system's codes of the network are told; anything else is a bug, or one of ours. */
function networkError(thrown: unknown): unknown {
  const code = String((thrown as { code?: unknown } | undefined)?.code);
  return /^[A-Z][A-Z_0-9]+$/.test(code) ? unavailable(`cannot be reached (${code})`, thrown) : thrown;
}
