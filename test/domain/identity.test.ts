import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import type { TokenCredential } from '@azure/identity';
import mssql from 'mssql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApp } from '../../src/app.ts';
import { sqlServerConfig } from '../../src/database/sqlserver-config.ts';
import { type Identity, openIdentity } from '../../src/domain/identity.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { containers } from '../../src/storage/names.ts';
import { selfSignedCertificate } from '../support/certificate.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { type Stub, startStub } from '../vision/support/stub-server.ts';

const STORAGE = 'https://storage.azure.com/.default';
const VISION = 'https://cognitiveservices.azure.com/.default';

let folder: string;
let emulator: Emulator;
let vision: Stub;
const trusted = tls.getCACertificates('default');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-identity-'));
  const certificate = selfSignedCertificate(['localhost']);
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  await writeFile(files.cert, certificate.cert);
  await writeFile(files.key, certificate.key, { mode: 0o600 });
  tls.setDefaultCACertificates([...trusted, certificate.cert]);
  emulator = await startEmulator({ tls: files });
  vision = await startStub(({ path }) =>
    path.endsWith('/detect') ? { body: [] } : { body: { tags: [], metadata: { width: 1, height: 1 } } },
  );
});
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await vision?.close();
  await emulator?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Tokens with the claims that the emulator asks for, and a record of the scopes they were asked for. */
function fakeCredential() {
  const scopes: string[] = [];
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const credential: TokenCredential = {
    async getToken(asked) {
      const scope = [asked].flat().join(' ');
      scopes.push(scope);
      const seconds = Math.floor(Date.now() / 1000);
      const claims = {
        aud: new URL(scope).origin,
        iss: 'https://sts.windows.net/00000000-0000-0000-0000-000000000000/',
        iat: seconds - 60,
        nbf: seconds - 60,
        exp: seconds + 3600,
      };
      const token = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}.${encode('unsigned')}`;
      return { token, expiresOnTimestamp: (seconds + 3600) * 1000 };
    },
  };
  return { credential, scopes };
}

const settings = () => {
  const address = (port: number) => `https://localhost:${port}/devstoreaccount1`;
  return {
    AzureWebJobsStorage__blobServiceUri: address(emulator.ports.blob),
    AzureWebJobsStorage__queueServiceUri: address(emulator.ports.queue),
    AzureWebJobsStorage__tableServiceUri: address(emulator.ports.table),
    COMPUTER_VISION_ENDPOINT: vision.url,
    FACE_ENDPOINT: vision.url,
    SQL_SERVER: 'sample.database.windows.net',
    SQL_DATABASE: 'results',
    AZURE_CLIENT_ID: 'client-of-the-app',
  };
};

test('blobs, queues, tables and both vision services take the tokens of one credential, each for its scope', async () => {
  const { credential, scopes } = fakeCredential();
  let asked = 0;
  const app = await openApp(settings(), silentLog, async (clientId) => {
    asked += 1;
    expect(clientId).toBeUndefined();
    return credential;
  });
  expect(asked).toBe(1);

  await app.ensure();
  await app.storage.blobs.write(containers.input, 'batch/a.bin', Buffer.from('bytes'), 'text/plain');
  await app.storage.queues.send('ocr', '{}');
  expect(await app.storage.blobs.head(containers.input, 'batch/a.bin')).toMatchObject({ bytes: 5 });
  expect(await app.journal.read('batch', 'nobody')).toBeUndefined();
  expect(new Set(scopes)).toEqual(new Set([STORAGE]));

  const { signal } = new AbortController();
  await app.vision().face.detect(Buffer.from('x'), {}, signal);
  await app.vision().computerVision.analyze(Buffer.from('x'), ['Tags'], signal);
  // The governor looks at its table between the calls.
  expect(new Set(scopes)).toEqual(new Set([STORAGE, VISION]));
  for (const { headers } of vision.requests) {
    expect(headers.authorization).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
    expect(headers).not.toHaveProperty('ocp-apim-subscription-key');
  }
  expect(vision.requests.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(['analyze', 'detect']);
  await app.close();
});

test('a token that storage does not take is an error, not an empty account', async () => {
  const wrong: TokenCredential = {
    getToken: async () => ({ token: 'a.b.c', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const app = await openApp(settings(), silentLog, async () => wrong);
  const refused = expect.objectContaining({
    statusCode: expect.toSatisfy((status) => [401, 403].includes(status)),
  });
  await expect(app.journal.read('batch', 'nobody')).rejects.toEqual(refused);
  await expect(app.storage.blobs.head(containers.input, 'x')).rejects.toEqual(refused);
});

test('with connection strings and keys nobody is asked to sign in', async () => {
  const identity: Identity = () => Promise.reject(new Error('asked to sign in'));
  const app = await openApp(
    {
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      COMPUTER_VISION_ENDPOINT: vision.url,
      COMPUTER_VISION_KEY: 'key',
      FACE_ENDPOINT: vision.url,
      FACE_KEY: 'key',
    },
    silentLog,
    identity,
  );
  expect(app.pipeline).toHaveLength(7);
});

test('the SQL driver is given the same credential, and another one only where its connection string names one', async () => {
  const { credential } = fakeCredential();
  const clients: (string | undefined)[] = [];
  const identity: Identity = async (clientId) => {
    clients.push(clientId);
    return credential;
  };
  const parse = (text: string) => mssql.ConnectionPool.parseConnectionString(text);
  const own = await sqlServerConfig(readSettings(settings()), parse, identity);
  expect(own.authentication).toEqual({ type: 'token-credential', options: { credential } });
  const other = 'Server=x;Database=y;Authentication=Active Directory Default;User Id=another-client';
  await sqlServerConfig(readSettings({ ...settings(), SQL_CONNECTION_STRING: other }), parse, identity);
  expect(clients).toEqual([undefined, 'another-client']);
});

test('an identity is made once for each client, however often and whoever asks', async () => {
  const identity = openIdentity('client-of-the-app');
  const [one, again, named, other] = await Promise.all([
    identity(),
    identity(),
    identity('client-of-the-app'),
    identity('another'),
  ]);
  expect(again).toBe(one);
  expect(named).toBe(one);
  expect(other).not.toBe(one);
});
