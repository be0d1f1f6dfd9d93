import { Agent, request as httpRequest } from 'node:http';
import type { ServiceName, StorageAccount } from './account.ts';
import type { WireAnswer, WireRequest } from './request.ts';
import { authorisation } from './sign.ts';

/** What this app's own SDKs ask for. */
const VERSIONS: Readonly<Record<ServiceName, string>> = {
  blob: '2026-04-06',
  queue: '2026-04-06',
  table: '2019-02-02',
};

/** Sends signed requests as they are, without an SDK that would repeat, check or hide anything. */
export class WireClient {
  readonly account: StorageAccount;
  readonly #agent: Agent;

  /** @param keepAlive whether a connection serves more than one request */
  constructor(account: StorageAccount, keepAlive = true) {
    this.account = account;
    this.#agent = new Agent({ keepAlive });
  }

  /** @throws where there is no whole answer */
  async send(request: WireRequest): Promise<WireAnswer> {
    const { service, method, query = {}, body } = request;
    const endpoint = new URL(this.account.endpoints[service]);
    const path = `${endpoint.pathname.replace(/\/$/, '')}${request.path}`;
    const headers: Record<string, string> = {
      'x-ms-date': new Date().toUTCString(),
      'x-ms-version': VERSIONS[service],
      ...(method !== 'GET' &&
        method !== 'HEAD' && { 'content-length': String(Buffer.byteLength(body ?? '')) }),
    };
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
    if (request.authorisation !== 'none') {
      headers.authorization = authorisation(this.account, request, path, headers);
    }
    const search = Object.entries(query)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&');
    const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>();
    const sent = httpRequest(
      {
        ...{ host: endpoint.hostname, port: endpoint.port, agent: this.#agent, method, headers },
        path: search === '' ? path : `${path}?${search}`,
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.once('error', reject);
        answer.once('end', () => {
          const flat = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries(flat),
            body: Buffer.concat(parts),
          });
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
    return await promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}
