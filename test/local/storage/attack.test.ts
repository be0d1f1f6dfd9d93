import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestStorage, type TestStorage } from './support.ts';
import { accountOf } from './wire/account.ts';
import { WireClient } from './wire/client.ts';
import type { WireAnswer, WireRequest } from './wire/request.ts';

let storage: TestStorage;
let client: WireClient;
const unexpected: string[] = [];
const ANSWER_LIMIT_MS = 10_000;

beforeAll(async () => {
  storage = await startTestStorage({
    onUnexpected: (error, what) => unexpected.push(`${what}: ${(error as Error).stack ?? error}`),
  });
  client = new WireClient(accountOf(storage.connectionString));
  await send({ service: 'blob', method: 'PUT', path: '/box', query: { restype: 'container' } });
  await send({ service: 'queue', method: 'PUT', path: '/box' });
  await send({
    service: 'table',
    method: 'POST',
    path: '/Tables',
    headers: json,
    body: '{"TableName":"box"}',
  });
});
afterAll(async () => {
  client.close();
  await storage.end();
});

const json = { 'content-type': 'application/json', accept: 'application/json;odata=fullmetadata' };

async function send(request: WireRequest): Promise<WireAnswer> {
  const late = AbortSignal.timeout(ANSWER_LIMIT_MS);
  const { promise, reject } = Promise.withResolvers<never>();
  late.onabort = () => reject(new Error(`No answer to ${JSON.stringify(request).slice(0, 500)}`));
  const { body: given, ...bare } = request;
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  return Promise.race([
    client.send(hasBody && given !== undefined ? { ...bare, body: given } : bare),
    promise,
  ]);
}

/** What must be true of every answer, whatever was asked. */
function checkAnswer({ status, headers, body }: WireAnswer, request: WireRequest): void {
  const about = `${JSON.stringify(request).slice(0, 600)}: ${status} ${body.toString().slice(0, 300)}`;
  expect(unexpected, about).toEqual([]);
  expect(status, about).not.toBe(500);
  expect(headers['x-ms-request-id'], about).toBeDefined();
  if (status >= 400) expect(headers['x-ms-error-code'], about).toMatch(/^[A-Za-z0-9]+$/);
  if (body.length === 0) return;
  if (headers['content-type'] === 'application/xml')
    expect(XMLValidator.validate(body.toString()), about).toBe(true);
  if (headers['content-type']?.startsWith('application/json')) JSON.parse(body.toString());
}

const nasty = fc.constantFrom(
  ...[
    '',
    '.',
    '..',
    '%2e%2e',
    '%2E%2E%2F',
    '%00',
    'a%00b',
    '%01',
    '%7f',
    '%ff',
    '%',
    '%zz',
    '%2F',
    '%5c',
    '%20',
  ],
  ...[
    '%F0%9F%93%B7',
    '%C3%A9',
    '%EF%BF%BE',
    '%EF%BF%BF',
    "it''s",
    "'",
    '()',
    '(',
    ')',
    "('x')",
    '+',
    ':',
    '*',
    '&',
    '=',
    ';',
  ],
  ...[
    '__proto__',
    'constructor',
    '$root',
    '$logs',
    '$web',
    '$batch',
    '$metadata',
    'Tables',
    'box',
    'BOX',
    'messages',
  ],
  ...['a'.repeat(1024), 'a'.repeat(1025), 'a'.repeat(3000), 'x', 'message', '-', 'a--b', 'ab', '1'],
  ...[
    "box(PartitionKey='p',RowKey='r')",
    "box(PartitionKey='%00',RowKey='')",
    "box(RowKey='r')",
    'box()',
    "Tables('box')",
  ],
  ...[
    "box(PartitionKey='__proto__',RowKey='constructor')",
    'Tables(',
    "%54ables('box')",
    '00000000-0000-0000-0000-000000000001',
  ],
);
const path = fc.array(nasty, { minLength: 0, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
const boxed = fc
  .tuple(fc.constantFrom('/box', '/box/', '/box/messages', '/box/messages/'), path)
  .map(([one, more]) => one + more.slice(1));
const method = fc.constantFrom(
  'GET',
  'HEAD',
  'PUT',
  'POST',
  'DELETE',
  'PATCH',
  'MERGE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
);
const value = fc.constantFrom(
  ...[
    '',
    '0',
    '-1',
    '1',
    '32',
    '33',
    '1e3',
    '0x10',
    '99999999999999999999',
    'NaN',
    'true',
    ' ',
    'null',
    '\u0000',
    '\ud83d\udcf7',
    '\u0001<&>"',
  ],
  ...[
    'box',
    '__proto__',
    'constructor',
    'bytes=0-',
    'YQ==',
    '2!3!abc',
    'container',
    'list',
    "PartitionKey eq 'a'",
  ],
  ...[
    `${'('.repeat(4000)}a eq 1`,
    `a eq ${'('.repeat(5000)}1`,
    `not ${'not '.repeat(1500)}a`,
    "a eq '",
    'a eq 1 or',
    'constructor eq 1',
    "__proto__ ne 'x'",
    'toString',
    "datetime'x'",
  ],
  ...[
    `${'a eq 1 and '.repeat(900)}a eq 1`,
    "a eq X'0'",
    '9223372036854775808L eq a',
    'PartitionKey eq RowKey',
    "RowKey gt '\u{10ffff}'",
  ],
);
const queryName = fc.constantFrom(
  ...[
    'comp',
    'restype',
    'prefix',
    'marker',
    'maxresults',
    'delimiter',
    'include',
    'timeout',
    'blockid',
    'blocklisttype',
    'snapshot',
    'versionid',
  ],
  ...[
    'numofmessages',
    'visibilitytimeout',
    'messagettl',
    'popreceipt',
    'peekonly',
    '$filter',
    '$select',
    '$top',
    '$format',
  ],
  ...['NextPartitionKey', 'NextRowKey', 'NextTableName', 'sv', '__proto__', 'where'],
);
const comp = fc.constantFrom(
  ...[
    'list',
    'metadata',
    'acl',
    'lease',
    'block',
    'blocklist',
    'properties',
    'tier',
    'copy',
    'batch',
    'blobs',
    'stats',
    'page',
    'appendblock',
  ],
  ...[
    'snapshot',
    'undelete',
    'tags',
    'query',
    'seal',
    'rename',
    'immutabilityPolicies',
    'expiry',
    'userdelegationkey',
    '__proto__',
    '',
  ],
);
const query = fc
  .tuple(
    fc.dictionary(queryName, value, { maxKeys: 3 }),
    fc.option(comp),
    fc.option(fc.constantFrom('container', 'service', 'account', 'directory', '')),
  )
  .map(([some, asked, restype]) => ({
    ...some,
    ...(asked !== null && { comp: asked }),
    ...(restype !== null && { restype }),
  }));
const headerValue = fc.constantFrom(
  ...[
    '',
    '*',
    '"x"',
    'W/"x"',
    '0',
    '-1',
    '1',
    '60',
    '999999999999',
    'infinite',
    'true',
    'acquire',
    'renew',
    'break',
    'BlockBlob',
    'PageBlob',
    'AppendBlob',
  ],
  ...[
    'bytes=0-0',
    'bytes=5-2',
    'bytes=-5',
    'bytes=0-1,3-4',
    'bytes=99999999999999999999-',
    'bits=1-2',
    'bytes=0--1',
    'x'.repeat(5000),
  ],
  ...[
    'AAAAAAAAAAAAAAAAAAAAAA==',
    'no base64',
    'Mon, 30 Nov 2026 00:00:00 GMT',
    'yesterday',
    '\u00e9',
    'http://127.0.0.1/x/y',
    'not a url',
    'https://[::1',
  ],
  ...[
    '00000000-0000-0000-0000-000000000001',
    'delete',
    'DELETE',
    'get',
    'multipart/mixed; boundary=b',
    'return-no-content',
    'Hot',
    'multipart/mixed',
  ],
);
const headerName = fc.constantFrom(
  ...[
    'x-ms-blob-type',
    'x-ms-lease-id',
    'x-ms-lease-action',
    'x-ms-lease-duration',
    'x-ms-lease-break-period',
    'x-ms-proposed-lease-id',
  ],
  ...[
    'x-ms-copy-source',
    'x-ms-copy-source-range',
    'x-ms-source-range',
    'x-ms-blob-content-type',
    'x-ms-blob-content-md5',
    'x-ms-content-crc64',
    'content-md5',
  ],
  ...[
    'range',
    'x-ms-range',
    'x-ms-range-get-content-md5',
    'if-match',
    'if-none-match',
    'if-modified-since',
    'if-unmodified-since',
    'x-ms-access-tier',
  ],
  ...[
    'x-ms-meta-a',
    'x-ms-meta-__proto__',
    'x-ms-meta-constructor',
    'x-ms-meta-1',
    'x-ms-meta-',
    'x-ms-delete-snapshots',
    'x-ms-tags',
    'x-ms-client-request-id',
  ],
  ...[
    'x-http-method',
    'prefer',
    'accept',
    'content-type',
    'content-encoding',
    'x-ms-blob-content-disposition',
    'x-ms-version',
    'x-ms-blob-public-access',
    'x-ms-blob-content-length',
  ],
);
const headers = fc.dictionary(headerName, headerValue, { maxKeys: 4 });
const nested = (tag: string, depth: number) => `<${tag}>`.repeat(depth) + `</${tag}>`.repeat(depth);
const httpPart = (line: string, body = '') =>
  `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n${line} HTTP/1.1\r\nAccept: application/json\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n${body}\r\n`;
const body = fc.oneof(
  fc.constantFrom<string | Buffer>(
    ...[
      '',
      '{}',
      '[]',
      'null',
      '1',
      '{"TableName":"__proto__"}',
      '{"TableName":1}',
      '{"PartitionKey":"p","RowKey":"r","__proto__":"x","constructor":1}',
    ],
    ...[
      '{"PartitionKey":"p","RowKey":"r","a@odata.type":"Edm.Int64","a":"9223372036854775808"}',
      '{"PartitionKey":"p","RowKey":"r","a":{"b":1}}',
    ],
    ...[
      '{"PartitionKey":1,"RowKey":2}',
      `${'['.repeat(100_000)}`,
      '{"PartitionKey":"p","RowKey":"r","a":1e999}',
      '\u0000',
      '<a/>',
      '<a',
      '<a></b>',
      '<?xml?>',
    ],
    ...[
      '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
      '<QueueMessage><MessageText>&constructor;</MessageText></QueueMessage>',
      '<QueueMessage><MessageText>&#0;</MessageText></QueueMessage>',
    ],
    ...[
      '<QueueMessage><MessageText>m</MessageText></QueueMessage>',
      '<QueueMessage/>',
      '<BlockList><Latest>YQ==</Latest></BlockList>',
      '<BlockList><Latest/></BlockList>',
    ],
    ...[
      '<SignedIdentifiers/>',
      '<SignedIdentifiers><SignedIdentifier><Id>a</Id></SignedIdentifier></SignedIdentifiers>',
      '<StorageServiceProperties><Cors/></StorageServiceProperties>',
    ],
    ...[
      `<StorageServiceProperties>${nested('a', 4000)}</StorageServiceProperties>`,
      nested('a', 8000),
      `<SignedIdentifiers>${nested('SignedIdentifier', 3000)}</SignedIdentifiers>`,
    ],
    ...[
      '--b--',
      '--b',
      '--b\r\n\r\n--b--',
      `${httpPart('DELETE /teststore/box/x')}--b--`,
      `${httpPart('GET /teststore/box()')}--b--`,
      `${httpPart('GET /other/box()')}--b--`,
    ],
    `${httpPart(`GET /teststore/box()?$filter=${'('.repeat(50_000)}`)}--b--`,
    `${httpPart(`GET /teststore/box()?$filter=a%20eq%20${'('.repeat(50_000)}`)}--b--`,
    `${httpPart(`GET /teststore/box()?$filter=${'a%20eq%201%20and%20'.repeat(50_000)}a`)}--b--`,
    `--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${httpPart('POST /teststore/box', '{"PartitionKey":"p","RowKey":"q"}')}--b--\r\n--b--`,
    `--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n${httpPart('POST /teststore/box', '{"PartitionKey":"p","RowKey":"q"}').replace('--b', '--c')}--c--\r\n--b--`,
    Buffer.from([0xff, 0xfe, 0x00]),
    Buffer.alloc(70_000, '<'),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const request: fc.Arbitrary<WireRequest> = fc.record({
  service: fc.constantFrom('blob', 'queue', 'table'),
  method,
  path: fc.oneof(path, boxed),
  query,
  headers,
  body,
  authorisation: fc.constantFrom('key', 'key', 'key', 'lite', 'none', 'stranger'),
});

/** What comes back of bytes sent as they are, until the service closes or `quiet` ms are over. */
async function raw(service: 'blob' | 'queue' | 'table', bytes: string | Buffer): Promise<string> {
  const socket = connect(storage.ports[service], '127.0.0.1');
  socket.setTimeout(2000, () => socket.destroy());
  socket.end(bytes);
  return textOf(socket).catch(() => '');
}

test('bytes that are no HTTP, heads that are too large and lengths that contradict each other are refused', async () => {
  const head = 'PUT /teststore/box/x HTTP/1.1\r\nHost: 127.0.0.1\r\n';
  for (const bytes of [
    'nonsense\r\n\r\n',
    `${head}X: ${'x'.repeat(100_000)}\r\n\r\n`,
    `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${head}Content-Length: -1\r\n\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    'GET http://127.0.0.1/teststore?comp=list HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    'GET * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    'GET /teststore?%zz=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    'GET /teststore HTTP/1.1\r\n\r\n',
  ]) {
    const answer = await raw('blob', bytes);
    expect(answer, bytes.slice(0, 80)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer, bytes.slice(0, 80)).toMatch(/\r\nx-ms-request-id: /i);
  }
  expect(unexpected).toEqual([]);
  const query = { restype: 'container' };
  expect((await send({ service: 'blob', method: 'GET', path: '/box', query })).status).toBe(200);
});

test('what is not part of the service is refused, never passed over', async () => {
  const blob = { 'x-ms-blob-type': 'BlockBlob' };
  const put = (
    path: string,
    query: Record<string, string>,
    more: Record<string, string> = {},
  ): WireRequest => ({
    ...{ service: 'blob', method: 'PUT', path, query, headers: more, body: 'x' },
  });
  await send(put('/box/there', {}, blob));
  const asked: [WireRequest, number][] = [
    ...[
      'page',
      'appendblock',
      'snapshot',
      'undelete',
      'tags',
      'seal',
      'expiry',
      'immutabilityPolicies',
      'legalhold',
    ].map((comp): [WireRequest, number] => [put('/box/there', { comp }), 501]),
    ...['PageBlob', 'AppendBlob'].map((type): [WireRequest, number] => [
      put('/box/there', {}, { 'x-ms-blob-type': type }),
      501,
    ]),
    [put('/box/there', {}, { ...blob, 'x-ms-tags': 'a=b' }), 501],
    [put('/box/there', {}, { ...blob, 'x-ms-encryption-key': 'AA==' }), 501],
    [put('/box/there', {}, { ...blob, 'x-ms-meta-a': 'b'.repeat(9000) }), 400],
    [put('/box/there', { comp: 'block', blockid: 'no base64!' }), 400],
    [
      {
        service: 'blob',
        method: 'GET',
        path: '/box/there',
        query: { snapshot: '2026-11-30T00:00:00.0000000Z' },
      },
      501,
    ],
    [{ service: 'blob', method: 'GET', path: '/box/there', query: { versionid: 'x' } }, 501],
    [{ service: 'blob', method: 'GET', path: '/box/there', query: { comp: 'pagelist' } }, 501],
    [{ service: 'blob', method: 'DELETE', path: '/box/there', query: { comp: 'tags' } }, 501],
    [{ service: 'blob', method: 'GET', path: '/', query: { comp: 'blobs', where: 'a' } }, 501],
    [
      {
        service: 'blob',
        method: 'PUT',
        path: '/other1',
        query: { restype: 'container' },
        headers: { 'x-ms-blob-public-access': 'blob' },
      },
      409,
    ],
    [{ service: 'queue', method: 'PUT', path: '/box', query: { comp: 'nonsense' } }, 501],
    [{ service: 'queue', method: 'GET', path: '/box/messages', query: { numofmessages: '33' } }, 400],
    [
      {
        service: 'table',
        method: 'GET',
        path: '/box()',
        query: { $filter: "startswith(RowKey,'a')" },
        headers: json,
      },
      400,
    ],
  ];
  for (const [request, status] of asked) {
    const answer = await send(request);
    checkAnswer(answer, request);
    expect(`${answer.status} ${answer.body}`, JSON.stringify(request).slice(0, 200)).toMatch(
      new RegExp(`^${status} `),
    );
  }
});

test('names that every object has are names like others, in what is kept and in what is asked for', async () => {
  const entity = { PartitionKey: 'p', RowKey: 'names', constructor: 'c', toString: 't' };
  const body = JSON.stringify(entity).replace('{', '{"__proto__":"kept",');
  const address = "/box(PartitionKey='p',RowKey='names')";
  const minimal = { ...json, accept: 'application/json;odata=nometadata' };
  expect(
    (await send({ service: 'table', method: 'PUT', path: address, headers: minimal, body })).status,
  ).toBe(204);
  const merged = {
    service: 'table',
    method: 'MERGE',
    path: address,
    headers: minimal,
    body: '{"valueOf":"v"}',
  } as const;
  expect((await send(merged)).status).toBe(204);
  const kept = (
    await send({ service: 'table', method: 'GET', path: address, headers: minimal })
  ).body.toString();
  expect(kept).toContain('"__proto__":"kept"');
  expect(kept).toContain('"constructor":"c"');
  expect(kept).toContain('"valueOf":"v"');
  const found = async ($filter: string) => {
    const request = {
      service: 'table',
      method: 'GET',
      path: '/box()',
      query: { $filter },
      headers: minimal,
    } as const;
    return JSON.parse((await send(request)).body.toString()).value.length;
  };
  expect(await found("__proto__ eq 'kept' and constructor eq 'c'")).toBe(1);
  expect(await found("hasOwnProperty ne 'x'")).toBe(0);

  const headers = { 'x-ms-blob-type': 'BlockBlob', 'x-ms-meta-__proto__': 'kept' };
  await send({ service: 'blob', method: 'PUT', path: '/box/names', headers, body: 'x' });
  const head = await send({ service: 'blob', method: 'HEAD', path: '/box/names' });
  expect(head.headers['x-ms-meta-__proto__']).toBe('kept');

  const message = '<QueueMessage><MessageText>&constructor;</MessageText></QueueMessage>';
  expect(
    (await send({ service: 'queue', method: 'POST', path: '/box/messages', body: message })).status,
  ).toBe(400);
});

test('a name of 1,024 characters in any language comes back as it went, one more is refused', async () => {
  const headers = { 'x-ms-blob-type': 'BlockBlob' };
  const names = [
    'é'.repeat(1024),
    '写'.repeat(1024),
    `..%2F${'a'.repeat(1000)}`,
    'a\\b',
    '.',
    'x/../y',
    'a b+c%d&e=f;g?h#i',
    '\u0001',
  ];
  for (const name of names) {
    const path = `/box/${encodeURIComponent(name)}`;
    expect(
      (await send({ service: 'blob', method: 'PUT', path, headers, body: name })).status,
      name.slice(0, 20),
    ).toBe(201);
    expect((await send({ service: 'blob', method: 'GET', path })).body.toString()).toBe(name);
  }
  const query = { restype: 'container', comp: 'list' };
  const list = (await send({ service: 'blob', method: 'GET', path: '/box', query })).body.toString();
  expect(XMLValidator.validate(list)).toBe(true);
  expect(list).toContain('<Name Encoded="true">%01</Name>');
  const long = {
    service: 'blob',
    method: 'PUT',
    path: `/box/${'a'.repeat(1025)}`,
    headers,
    body: 'x',
  } as const;
  expect((await send(long)).headers['x-ms-error-code']).toBe('OutOfRangeInput');
});

// The last one: what is asked may delete what the others stand on.
test('whatever is asked is answered, with a code, in a body that parses, and never as an error of the service itself', async () => {
  const seed = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) };
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 5, maxLength: 5 }), async (requests) => {
      await Promise.all(requests.map(async (one) => checkAnswer(await send(one), one)));
    }),
    { numRuns: Number(process.env.ATTACK_RUNS ?? 150), ...seed },
  );
});
