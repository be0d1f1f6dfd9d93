import { randomBytes } from 'node:crypto';
import {
  AzureNamedKeyCredential,
  AzureSASCredential,
  generateTableSas,
  TableClient,
} from '@azure/data-tables';
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  BlobClient,
  BlobSASPermissions,
  BlobServiceClient,
  BlockBlobClient,
  ContainerClient,
  ContainerSASPermissions,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import {
  generateQueueSASQueryParameters,
  QueueClient,
  StorageSharedKeyCredential as QueueCredential,
  QueueSASPermissions,
  QueueServiceClient,
} from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestStorage, type TestStorage, testAccount } from './support.ts';

const accounts = [testAccount('first'), testAccount('second')] as const;
const [{ name, keys }] = accounts;
const [key = '', secondKey = ''] = keys;
let storage: TestStorage;
let now = Date.now();
let service: BlobServiceClient;
const once = { retryOptions: { maxTries: 1 } };
const credential = new StorageSharedKeyCredential(name, key);
const hour = () => new Date(now + 3_600_000);

beforeAll(async () => {
  storage = await startTestStorage({ accounts, clock: () => now });
  service = new BlobServiceClient(storage.blobUrl, credential, once);
  await service.createContainer('photos');
  await service.getContainerClient('photos').getBlockBlobClient('a b/é.txt').upload('hello', 5);
});
afterAll(() => storage?.end());

const refused = (code: string, statusCode = 403) => expect.objectContaining({ code, statusCode });

test('either key opens the account, another key or account does not', async () => {
  const other = new BlobServiceClient(storage.blobUrl, new StorageSharedKeyCredential(name, secondKey), once);
  expect((await other.getContainerClient('photos').getProperties()).etag).toBeDefined();
  const wrong = new StorageSharedKeyCredential(name, randomBytes(64).toString('base64'));
  await expect(new BlobServiceClient(storage.blobUrl, wrong, once).getProperties()).rejects.toEqual(
    refused('AuthenticationFailed'),
  );
  const foreign = new StorageSharedKeyCredential('second', accounts[1].keys[0] ?? '');
  await expect(new BlobServiceClient(storage.blobUrl, foreign, once).getProperties()).rejects.toEqual(
    refused('AuthenticationFailed'),
  );
  const own = new BlobServiceClient(storage.blobUrl.replace(name, 'second'), foreign, once);
  expect(await own.getContainerClient('photos').exists()).toBe(false);
});

test('a request that was signed long ago is refused', async () => {
  now += 16 * 60_000;
  await expect(service.getProperties()).rejects.toEqual(refused('AuthenticationFailed'));
  now -= 16 * 60_000;
});

test('a signature for one blob reads that one only, until it expires, with the headers it asks for', async () => {
  const sas = generateBlobSASQueryParameters(
    {
      containerName: 'photos',
      blobName: 'a b/é.txt',
      permissions: BlobSASPermissions.parse('r'),
      expiresOn: hour(),
      contentType: 'text/x-special',
    },
    credential,
  );
  const url = service.getContainerClient('photos').getBlobClient('a b/é.txt').url;
  const blob = new BlobClient(`${url}?${sas}`, undefined, once);
  expect((await blob.downloadToBuffer()).toString()).toBe('hello');
  expect((await blob.getProperties()).contentType).toBe('text/x-special');
  await expect(new BlockBlobClient(`${url}?${sas}`, undefined, once).upload('x', 1)).rejects.toEqual(
    refused('AuthorizationPermissionMismatch'),
  );
  const other = service.getContainerClient('photos').getBlobClient('other').url;
  await expect(new BlobClient(`${other}?${sas}`, undefined, once).getProperties()).rejects.toMatchObject({
    statusCode: 403,
  });
  now += 3_700_000;
  await expect(blob.download()).rejects.toEqual(refused('AuthenticationFailed'));
  now -= 3_700_000;
});

test('a signature for a container lists and creates, but does not replace without the right to write', async () => {
  const sas = generateBlobSASQueryParameters(
    { containerName: 'photos', permissions: ContainerSASPermissions.parse('lc'), expiresOn: hour() },
    credential,
  );
  const container = new ContainerClient(`${storage.blobUrl}/photos?${sas}`, undefined, once);
  const { value } = await container.listBlobsFlat().byPage().next();
  expect(value.segment.blobItems).toHaveLength(1);
  await container.getBlockBlobClient('new').upload('1', 1);
  await expect(container.getBlockBlobClient('new').upload('2', 1)).rejects.toEqual(
    refused('AuthorizationPermissionMismatch'),
  );
  await expect(container.delete()).rejects.toMatchObject({ statusCode: 403 });
});

test('a policy kept with a container says what its signature may, and takes it back', async () => {
  const container = service.getContainerClient('photos');
  const policy = { permissions: 'r', startsOn: new Date(now - 60_000), expiresOn: hour() };
  await container.setAccessPolicy(undefined, [{ id: 'readers', accessPolicy: policy }]);
  const sas = generateBlobSASQueryParameters({ containerName: 'photos', identifier: 'readers' }, credential);
  const blob = new BlobClient(
    `${container.url}/${encodeURIComponent('a b')}/${encodeURIComponent('é.txt')}?${sas}`,
    undefined,
    once,
  );
  expect((await blob.downloadToBuffer()).toString()).toBe('hello');
  await container.setAccessPolicy(undefined, []);
  await expect(blob.download()).rejects.toEqual(refused('AuthenticationFailed'));
});

test('an account signature opens the services, levels and operations it names', async () => {
  const sas = generateAccountSASQueryParameters(
    {
      services: AccountSASServices.parse('b').toString(),
      resourceTypes: AccountSASResourceTypes.parse('sc').toString(),
      permissions: AccountSASPermissions.parse('rl'),
      expiresOn: hour(),
    },
    credential,
  );
  const blobs = new BlobServiceClient(`${storage.blobUrl}?${sas}`, undefined, once);
  const { value } = await blobs.listContainers().byPage().next();
  expect(value.containerItems.map((item: { name: string }) => item.name)).toEqual(['photos']);
  await expect(blobs.createContainer('more')).rejects.toEqual(refused('AuthorizationPermissionMismatch'));
  await expect(blobs.getContainerClient('photos').getBlobClient('new').getProperties()).rejects.toMatchObject(
    { statusCode: 403 },
  );
  const queues = new QueueServiceClient(`${storage.queueUrl}?${sas}`, undefined, once);
  await expect(queues.getProperties()).rejects.toEqual(refused('AuthorizationServiceMismatch'));
});

test('a queue signature adds but does not read', async () => {
  const owner = new QueueCredential(name, key);
  await new QueueServiceClient(storage.queueUrl, owner, once).createQueue('inbox');
  const sas = generateQueueSASQueryParameters(
    { queueName: 'inbox', permissions: QueueSASPermissions.parse('a'), expiresOn: hour() },
    owner,
  );
  const queue = new QueueClient(`${storage.queueUrl}/inbox?${sas}`, undefined, once);
  await queue.sendMessage('x');
  await expect(queue.receiveMessages()).rejects.toEqual(refused('AuthorizationPermissionMismatch'));
});

test('a table signature reaches its range of keys only, in a transaction too', async () => {
  const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
  const owner = new AzureNamedKeyCredential(name, key);
  const table = new TableClient(storage.tableUrl, 'Journal', owner, options);
  await table.createTable();
  for (const partitionKey of ['a', 'b', 'c']) await table.createEntity({ partitionKey, rowKey: 'r' });
  const sas = generateTableSas('Journal', owner, {
    permissions: { query: true, add: true },
    expiresOn: hour(),
    startPartitionKey: 'b',
    endPartitionKey: 'b',
  });
  const signed = new TableClient(storage.tableUrl, 'Journal', new AzureSASCredential(sas), options);
  const found = [];
  for await (const { partitionKey } of signed.listEntities()) found.push(partitionKey);
  expect(found).toEqual(['b']);
  await signed.submitTransaction([['create', { partitionKey: 'b', rowKey: 's' }]]);
  await expect(signed.createEntity({ partitionKey: 'a', rowKey: 's' })).rejects.toMatchObject({
    statusCode: 403,
  });
  await expect(signed.deleteEntity('b', 's')).rejects.toMatchObject({ statusCode: 403 });
  await expect(
    signed.submitTransaction([['delete', { partitionKey: 'b', rowKey: 's' }]]),
  ).rejects.toMatchObject({ statusCode: 403 });
});

test('a batch deletes blobs, each with an answer of its own', async () => {
  const container = service.getContainerClient('batch');
  await container.create();
  const blobs = ['one', 'two', 'three'].map((blob) => container.getBlobClient(blob));
  await container.getBlockBlobClient('one').upload('1', 1);
  await container.getBlockBlobClient('three').upload('3', 1);
  const { subResponses } = await service.getBlobBatchClient().deleteBlobs(blobs);
  expect(subResponses.map(({ status, errorCode }) => [status, errorCode])).toEqual([
    [202, undefined],
    [404, 'BlobNotFound'],
    [202, undefined],
  ]);
  expect(await container.getBlobClient('one').exists()).toBe(false);
});

test('a signature reaches no more by how its address is written', async () => {
  const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
  const owner = new AzureNamedKeyCredential(name, key);
  for (const table of ['Log', 'Logs']) {
    const client = new TableClient(storage.tableUrl, table, owner, options);
    await client.createTable();
    await client.createEntity({ partitionKey: 'p', rowKey: 'r' });
  }
  const permissions = { update: true, add: true, query: true };
  const sas = generateTableSas('Log', owner, { permissions, expiresOn: hour() });
  const headers = { accept: 'application/json', 'content-type': 'application/json', 'if-match': '*' };
  const entity = "(PartitionKey='p',RowKey='r')";
  const status = async (path: string, method: string, more = {}, body?: string) => {
    const url = `${storage.tableUrl}/${path}${path.includes('?') ? '&' : '?'}${sas}`;
    const answer = await fetch(url, {
      ...{ method, headers: { ...headers, ...more } },
      ...(body !== undefined && { body }),
    });
    return `${answer.status} ${await answer.text()}`;
  };
  expect(await status(`Log${entity}`, 'GET')).toMatch(/^200 /);
  expect(await status(`Log%73${entity}`, 'GET')).toMatch(/^403 /);
  for (const method of ['delete', 'DELETE', 'Delete']) {
    expect(await status(`Log${entity}`, 'POST', { 'x-http-method': method })).toMatch(/^403 /);
  }
  const batch = (query: string) =>
    [
      '--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\n',
      `PUT /${name}/Logs${entity}?${query} HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: *\r\n\r\n{"x":1}\r\n--c--\r\n--b--`,
    ].join('');
  for (const query of ['tn=Logs', 'ss=t&srt=sco', 'tn=Logs&ss=t&srt=sco&sp=raud']) {
    const multipart = { 'content-type': 'multipart/mixed; boundary=b' };
    expect(await status('$batch', 'POST', multipart, batch(query))).toMatch(/ 403 Forbidden/);
  }

  const ofContainers = generateAccountSASQueryParameters(
    {
      services: AccountSASServices.parse('b').toString(),
      resourceTypes: AccountSASResourceTypes.parse('c').toString(),
      permissions: AccountSASPermissions.parse('rl'),
      expiresOn: hour(),
    },
    credential,
  );
  await service.getContainerClient('photos').getBlockBlobClient('folder/').upload('1', 1);
  const folder = `${storage.blobUrl}/photos/folder/?${ofContainers}`;
  expect((await fetch(folder)).headers.get('x-ms-error-code')).toBe('AuthorizationResourceTypeMismatch');
});

test('a signature may name a file in any language, and nothing that would end a header', async () => {
  const blob = service.getContainerClient('photos').getBlobClient('a b/é.txt');
  const signed = (contentDisposition: string) => {
    const fields = { containerName: 'photos', blobName: 'a b/é.txt', contentDisposition, expiresOn: hour() };
    return `${blob.url}?${generateBlobSASQueryParameters({ ...fields, permissions: BlobSASPermissions.parse('r') }, credential)}`;
  };
  const named = await fetch(signed('attachment; filename="写真.jpg"'));
  const header = named.headers.get('content-disposition') ?? '';
  expect(Buffer.from(header, 'latin1').toString()).toBe('attachment; filename="写真.jpg"');
  expect((await fetch(signed('a\r\nset-cookie: b'))).status).toBe(400);
  expect((await blob.downloadToBuffer()).toString()).toBe('hello');
});
