import { describe, expect, test } from 'vitest';
import { type Asked, authorize } from '../../src/api/access.ts';
import { type Platform, readPlatform } from '../../src/api/platform.ts';
import { ApiError } from '../../src/api/problem.ts';

const LOOPBACK: Platform = { kind: 'loopback', port: 7071, user: 'local' };
const AZURE: Platform = { kind: 'azure', authentication: true };

const ask = (headers: Record<string, string>, more: Partial<Asked> = {}): Asked => ({
  method: 'GET',
  headers: new Headers(headers),
  role: 'viewer',
  keyed: false,
  ...more,
});

const refusal = (platform: Platform, asked: Asked): string => {
  try {
    authorize(platform, asked);
  } catch (error) {
    if (error instanceof ApiError) return `${error.status} ${error.code}`;
    throw error;
  }
  return 'let in';
};

const principal = (claims: [string, string][], more: object = {}): Record<string, string> => ({
  host: 'app.example.org',
  'x-ms-client-principal': Buffer.from(
    JSON.stringify({
      auth_typ: 'aad',
      name_typ: 'name',
      role_typ: 'roles',
      claims: claims.map(([typ, val]) => ({ typ, val })),
      ...more,
    }),
  ).toString('base64'),
});

describe('where the app runs', () => {
  test.for<[Record<string, string | undefined>, Platform]>([
    [{}, { kind: 'unknown' }],
    [{ IMAGINEM_LOOPBACK_PORT: '7071', IMAGINEM_USER: ' local ' }, LOOPBACK],
    [{ IMAGINEM_LOOPBACK_PORT: '0' }, { kind: 'unknown' }],
    [{ IMAGINEM_LOOPBACK_PORT: 'x' }, { kind: 'unknown' }],
    [{ WEBSITE_SITE_NAME: 'app' }, { kind: 'azure', authentication: false }],
    [{ WEBSITE_HOSTNAME: 'app', WEBSITE_AUTH_ENABLED: 'True' }, AZURE],
    [{ WEBSITE_AUTH_ENABLED: 'False' }, { kind: 'azure', authentication: false }],
    // A port set by mistake opens nothing in Azure.
    [
      { IMAGINEM_LOOPBACK_PORT: '7071', WEBSITE_SITE_NAME: 'app' },
      { kind: 'azure', authentication: false },
    ],
  ])('%j is %j', ([env, platform]) => {
    expect(readPlatform(env)).toEqual(platform);
  });
});

describe('on one machine', () => {
  test('whoever comes by a loopback name and the right port is administrator', () => {
    for (const host of ['127.0.0.1:7071', 'localhost:7071', '[::1]:7071', 'LOCALHOST:7071']) {
      expect(authorize(LOOPBACK, ask({ host }))).toMatchObject({ role: 'administrator', local: true });
    }
  });

  test.for([
    {},
    { host: 'localhost' },
    { host: 'localhost:7072' },
    { host: 'evil.example:7071' },
    { host: '127.0.0.1.evil.example:7071' },
    { host: 'localhost:7071.evil.example' },
    { host: '192.168.0.2:7071' },
    { host: '0.0.0.0:7071' },
    { host: 'localhost:7071@evil.example' },
  ])('a name that is not this host is refused, as a rebound one would be: %j', (headers) => {
    expect(refusal(LOOPBACK, ask(headers as Record<string, string>))).toBe('403 HostRefused');
  });

  test.for([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'https://localhost:7071' },
    { origin: 'http://127.0.0.1:7071' },
    { origin: 'http://localhost:8080' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    { origin: 'http://localhost:7071', 'sec-fetch-site': 'cross-site' },
  ])('another site neither reads nor changes anything: %j', (headers) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const given = { host: 'localhost:7071', ...headers } as Record<string, string>;
      expect(refusal(LOOPBACK, ask(given, { method })), method).toBe('403 CrossSite');
    }
  });

  test('the own page reads and changes; an address typed in only reads; a program without a browser does both', () => {
    const host = 'localhost:7071';
    const own = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      expect(refusal(LOOPBACK, ask(own, { method }))).toBe('let in');
      expect(refusal(LOOPBACK, ask({ host }, { method }))).toBe('let in');
    }
    expect(refusal(LOOPBACK, ask({ host, 'sec-fetch-site': 'none' }))).toBe('let in');
    expect(refusal(LOOPBACK, ask({ host, 'sec-fetch-site': 'none' }, { method: 'POST' }))).toBe(
      '403 CrossSite',
    );
  });

  test('a link from elsewhere opens the page, and nothing else', () => {
    const link = { host: 'localhost:7071', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(refusal(LOOPBACK, ask(link, { linkable: true }))).toBe('let in');
    const embedded = { ...link, 'sec-fetch-mode': 'no-cors' };
    expect(refusal(LOOPBACK, ask(embedded, { linkable: true }))).toBe('403 CrossSite');
  });
});

describe('in Azure', () => {
  const viewer = principal([
    ['name', 'Vera Viewer'],
    ['roles', 'viewer'],
  ]);

  test('a person has the highest of their app roles, and signs with their name', () => {
    expect(authorize(AZURE, ask(viewer))).toEqual({
      name: 'Vera Viewer',
      role: 'viewer',
      local: false,
      signedIn: true,
    });
    const several = principal([
      ['roles', 'Viewer'],
      ['roles', 'Operator'],
      ['preferred_username', 'o@example.org'],
    ]);
    expect(authorize(AZURE, ask(several))).toMatchObject({ name: 'o@example.org', role: 'operator' });
    const administrator = principal([
      ['http://schemas.microsoft.com/ws/2008/06/identity/claims/role', 'administrator'],
    ]);
    expect(authorize(AZURE, ask(administrator)).role).toBe('administrator');
  });

  test('a role is needed, and the right one', () => {
    expect(refusal(AZURE, ask(principal([['name', 'x']])))).toBe('403 NoRole');
    expect(refusal(AZURE, ask(principal([['roles', 'root']])))).toBe('403 NoRole');
    expect(refusal(AZURE, ask(principal([['groups', 'administrator']])))).toBe('403 NoRole');
    expect(refusal(AZURE, ask(viewer, { role: 'operator' }))).toBe('403 RoleRequired');
    expect(refusal(AZURE, ask(viewer, { role: 'administrator' }))).toBe('403 RoleRequired');
  });

  test('each role may what those below it may, and nothing that takes more', () => {
    const roles = ['viewer', 'caseworker', 'reviewer', 'operator', 'administrator'] as const;
    for (const [at, one] of roles.entries())
      for (const [needed, role] of roles.entries())
        expect(refusal(AZURE, ask(principal([['roles', one]]), { role })), `${one} as ${role}`).toBe(
          at >= needed ? 'let in' : '403 RoleRequired',
        );
  });

  test('a key decides nothing that only a person may, whatever its role', () => {
    const machine = ask({ host: 'a' }, { keyed: true, signedIn: true });
    expect(refusal(AZURE, machine)).toBe('403 PersonRequired');
    expect(refusal(AZURE, { ...machine, signedIn: false })).toBe('let in');
    expect(refusal(AZURE, ask(viewer, { signedIn: true }))).toBe('let in');
    expect(authorize(AZURE, ask({ host: 'a' }, { keyed: true }))).toMatchObject({
      local: false,
      signedIn: false,
    });
  });

  test.for([
    'x',
    '',
    Buffer.from('{}').toString('base64'),
    Buffer.from('null').toString('base64'),
    Buffer.from('[]').toString('base64'),
    Buffer.from(JSON.stringify({ claims: 'roles' })).toString('base64'),
    Buffer.from(JSON.stringify({ auth_typ: '', claims: [{ typ: 'roles', val: 'administrator' }] })).toString(
      'base64',
    ),
    Buffer.from(JSON.stringify({ auth_typ: 'aad', claims: [{ typ: 1, val: 2 }] })).toString('base64'),
    'A'.repeat(100_000),
  ])('a principal that is none is nobody %#', (header) => {
    expect(refusal(AZURE, ask({ host: 'a', 'x-ms-client-principal': header }))).toBe('401 NotSignedIn');
  });

  test('where the platform does not write the principal, it is worth nothing', () => {
    const administrator = principal([['roles', 'administrator']]);
    expect(refusal({ kind: 'azure', authentication: false }, ask(administrator))).toBe(
      '403 AuthenticationOff',
    );
    expect(refusal({ kind: 'unknown' }, ask(administrator))).toBe('403 AccessNotConfigured');
    expect(refusal({ kind: 'unknown' }, ask({ host: 'localhost:7071' }))).toBe('403 AccessNotConfigured');
    expect(refusal({ kind: 'unknown' }, ask({ host: 'localhost:7071' }, { keyed: true }))).toBe(
      '403 AccessNotConfigured',
    );
    expect(refusal(LOOPBACK, ask({ ...administrator, host: 'evil.example' }))).toBe('403 HostRefused');
  });

  test('a loopback name in Host lets nobody in', () => {
    expect(refusal(AZURE, ask({ host: 'localhost:7071' }))).toBe('401 NotSignedIn');
  });

  test('a machine whose key the host has checked is an operator, and no more', () => {
    for (const platform of [AZURE, { kind: 'azure', authentication: false } as const]) {
      expect(authorize(platform, ask({ host: 'a' }, { keyed: true, role: 'operator' })).role).toBe(
        'operator',
      );
      expect(refusal(platform, ask({ host: 'a' }, { keyed: true, role: 'administrator' }))).toBe(
        '403 RoleRequired',
      );
    }
  });

  test('another site cannot use the session of a person who is signed in', () => {
    const host = viewer.host as string;
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: `http://${host}` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect(
        refusal(AZURE, ask({ ...viewer, ...headers } as Record<string, string>, { method: 'POST' })),
      ).toBe('403 CrossSite');
    }
    const own = { ...viewer, origin: `https://${host}`, 'sec-fetch-site': 'same-origin' };
    expect(refusal(AZURE, ask(own, { method: 'POST' }))).toBe('let in');
  });
});
