import type { WireClient } from '../wire/client.ts';
import type { WireRequest } from '../wire/request.ts';
import { digest, Lane } from './lane.ts';

const XML = { 'content-type': 'application/xml' };
const JSON_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json;odata=nometadata',
  dataserviceversion: '3.0',
};
/** A look shows so many messages at once. */
const PEEK = 32;

/** Messages of one queue: sent, given another text, deleted. */
export class QueueLane extends Lane {
  readonly #receipts = new Map<string, string>();

  override async prepare(client: WireClient): Promise<void> {
    await this.ask(client, { service: 'queue', method: 'PUT', path: `/${this.name}` }, [201, 204]);
  }

  override async step(client: WireClient): Promise<void> {
    const path = `/${this.name}/messages`;
    const ids = [...this.#receipts.keys()];
    const drawn = this.random();
    if (this.known.size >= PEEK - 2) {
      this.#receipts.clear();
      await this.change(
        client,
        { service: 'queue', method: 'DELETE', path },
        [...this.known.keys()].map((thing) => [thing, undefined] as const),
        [204],
      );
      return;
    }
    if (ids.length < 3 || drawn < 0.5) {
      const text = this.#text();
      // Its id is known from the answer only: a message without an answer is found by its text.
      const answer = await this.change(client, message('POST', path, text, {}), [[text, 'there']], [201]);
      const body = answer.body.toString();
      const id = /<MessageId>(.*?)</.exec(body)?.[1] ?? '';
      this.#receipts.set(`${id} ${text}`, /<PopReceipt>(.*?)</.exec(body)?.[1] ?? '');
      return;
    }
    const key = this.pick(ids);
    const [id = '', old = ''] = key.split(/ (.*)/s);
    const popreceipt = this.#receipts.get(key) ?? '';
    this.#receipts.delete(key);
    if (drawn < 0.75) {
      await this.change(
        client,
        { service: 'queue', method: 'DELETE', path: `${path}/${id}`, query: { popreceipt } },
        [[old, undefined]],
        [204],
      );
      return;
    }
    const text = this.#text();
    const update = message('PUT', `${path}/${id}`, text, { popreceipt, visibilitytimeout: '0' });
    const { headers } = await this.change(
      client,
      update,
      [
        [old, undefined],
        [text, 'there'],
      ],
      [204],
    );
    this.#receipts.set(`${id} ${text}`, headers['x-ms-popreceipt'] ?? '');
  }

  override async look(client: WireClient): Promise<Map<string, string>> {
    const request = {
      service: 'queue',
      method: 'GET',
      path: `/${this.name}/messages`,
      query: { peekonly: 'true', numofmessages: String(PEEK) },
    } as const;
    const { body } = await this.ask(client, request, [200]);
    const texts = [...body.toString().matchAll(/<MessageText>(.*?)<\/MessageText>/gs)].map(
      ([, text = '']) => text,
    );
    return new Map(
      texts.map((text, index) => [text, texts.indexOf(text) === index ? 'there' : 'there twice']),
    );
  }

  #text = (): string => `${digest(String(this.random()))}${'.'.repeat(this.pick([0, 100, 20_000]))}`;
}

const message = (
  method: string,
  path: string,
  text: string,
  query: Readonly<Record<string, string>>,
): WireRequest => ({
  ...{ service: 'queue', method, path, query, headers: XML },
  body: `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`,
});

/** Blobs of one container, small and large, written whole or in blocks, copied, deleted. */
export class BlobLane extends Lane {
  override async prepare(client: WireClient): Promise<void> {
    const request = {
      service: 'blob',
      method: 'PUT',
      path: `/${this.name}`,
      query: { restype: 'container' },
    } as const;
    await this.ask(client, request, [201, 409]);
  }

  override async step(client: WireClient): Promise<void> {
    const thing = `${this.name}-b${this.number(6)}`;
    const path = `/${this.name}/${thing}`;
    const drawn = this.random();
    const tag = digest(String(this.random()));
    const metadata = { 'x-ms-meta-tag': tag };
    if (drawn < 0.5) {
      const body = this.#content(tag);
      const headers = { 'x-ms-blob-type': 'BlockBlob', ...metadata };
      const put = { service: 'blob', method: 'PUT', path, body, headers } as const;
      await this.change(client, put, [[thing, `${tag} ${digest(body)}`]], [201]);
    } else if (drawn < 0.65) {
      const blocks = ['AAAA', 'AAAB'];
      const parts = blocks.map((block) => this.#content(tag + block));
      for (const [index, block] of blocks.entries()) {
        const query = { comp: 'block', blockid: block };
        const put = { service: 'blob', method: 'PUT', path, query, body: parts[index] ?? '' } as const;
        await this.ask(client, put, [201]);
      }
      const list = `<BlockList>${blocks.map((block) => `<Latest>${block}</Latest>`).join('')}</BlockList>`;
      const commit = {
        service: 'blob',
        method: 'PUT',
        path,
        query: { comp: 'blocklist' },
        body: list,
      } as const;
      await this.change(
        client,
        { ...commit, headers: { ...XML, ...metadata } },
        [[thing, `${tag} ${digest(Buffer.concat(parts))}`]],
        [201],
      );
    } else if (drawn < 0.8) {
      await this.change(
        client,
        { service: 'blob', method: 'DELETE', path },
        [[thing, undefined]],
        [202, 404],
      );
    } else {
      const from = this.pick([...this.known.keys(), thing]);
      const state = this.known.get(from);
      if (state === undefined) return;
      const source = `${client.account.endpoints.blob}/${this.name}/${from}`;
      const copy = { service: 'blob', method: 'PUT', path, headers: { 'x-ms-copy-source': source } } as const;
      await this.change(client, copy, [[thing, state]], [202]);
    }
  }

  override async look(client: WireClient): Promise<Map<string, string>> {
    const list = {
      service: 'blob',
      method: 'GET',
      path: `/${this.name}`,
      query: { restype: 'container', comp: 'list' },
    } as const;
    const { body } = await this.ask(client, list, [200]);
    const found = new Map<string, string>();
    for (const [, thing = ''] of body.toString().matchAll(/<Name>(.*?)<\/Name>/g)) {
      const answer = await this.ask(
        client,
        { service: 'blob', method: 'GET', path: `/${this.name}/${thing}` },
        [200],
      );
      const length = Number(answer.headers['content-length']);
      const torn = length !== answer.body.length ? ` ${answer.body.length} of ${length} bytes` : '';
      found.set(thing, `${answer.headers['x-ms-meta-tag']} ${digest(answer.body)}${torn}`);
    }
    return found;
  }

  #content = (tag: string): Buffer => Buffer.alloc(this.pick([10, 3000, 90_000, 600_000]), tag);
}

/** Entities of one partition: written, merged, deleted, and changed together. */
export class TableLane extends Lane {
  static readonly TABLE = 'crash';

  override async prepare(client: WireClient): Promise<void> {
    const body = JSON.stringify({ TableName: TableLane.TABLE });
    const create = {
      service: 'table',
      method: 'POST',
      path: '/Tables',
      headers: JSON_HEADERS,
      body,
    } as const;
    await this.ask(client, create, [201, 204, 409]);
  }

  override async step(client: WireClient): Promise<void> {
    const rows = [this.number(4), 4 + this.number(4)].map((index) => `r${index}`);
    const drawn = this.random();
    if (drawn < 0.3) {
      const states = rows.map(() => this.#state());
      const batch = this.#batch(client, rows, states);
      await this.change(
        client,
        batch,
        rows.map((row, index) => [row, states[index]] as const),
        [202],
      );
      return;
    }
    const [row = ''] = rows;
    const path = this.#path(row);
    if (drawn < 0.45) {
      const headers = { ...JSON_HEADERS, 'if-match': '*' };
      await this.change(
        client,
        { service: 'table', method: 'DELETE', path, headers },
        [[row, undefined]],
        [204, 404],
      );
      return;
    }
    const state = this.#state();
    const method = drawn < 0.7 ? 'PUT' : 'PATCH';
    const put = {
      service: 'table',
      method,
      path,
      headers: JSON_HEADERS,
      body: this.#entity(row, state),
    } as const;
    await this.change(client, put, [[row, state]], [204]);
  }

  override async look(client: WireClient): Promise<Map<string, string>> {
    const query = { $filter: `PartitionKey eq '${this.name}'` };
    const path = `/${TableLane.TABLE}()`;
    const { body } = await this.ask(
      client,
      { service: 'table', method: 'GET', path, query, headers: JSON_HEADERS },
      [200],
    );
    const { value } = JSON.parse(body.toString()) as { value: { RowKey: string; state: string }[] };
    return new Map(value.map(({ RowKey, state }) => [RowKey, state]));
  }

  #state = (): string => digest(String(this.random())) + 'x'.repeat(this.pick([0, 500, 7000]));
  #path = (row: string): string => `/${TableLane.TABLE}(PartitionKey='${this.name}',RowKey='${row}')`;
  #entity = (row: string, state: string): string =>
    JSON.stringify({ PartitionKey: this.name, RowKey: row, state });

  #batch(client: WireClient, rows: readonly string[], states: readonly (string | undefined)[]): WireRequest {
    const parts = rows.map((row, index) => [
      ...['--changes', 'content-type: application/http', 'content-transfer-encoding: binary', ''],
      `PUT ${client.account.endpoints.table}${this.#path(row)} HTTP/1.1`,
      ...['content-type: application/json', 'accept: application/json', ''],
      this.#entity(row, states[index] ?? ''),
    ]);
    const head = ['--batch', 'content-type: multipart/mixed; boundary=changes', ''];
    const lines = [...head, ...parts.flat(), '--changes--', '--batch--', ''];
    return {
      ...{ service: 'table', method: 'POST', path: '/$batch', body: lines.join('\r\n') },
      headers: { ...JSON_HEADERS, 'content-type': 'multipart/mixed; boundary=batch' },
    };
  }
}
