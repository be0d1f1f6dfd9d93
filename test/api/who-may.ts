import { describe, expect, test } from 'vitest';
import { routes } from '../../src/api/routes.ts';
import type { Album } from './album.ts';

/** Who may call what. */
export function whoMay({ api }: Album): void {
  describe('access', () => {
    test('every operation refuses strangers, and each role what is above it', async () => {
      const host = 'app.example.org';
      const as = (role: string) => ({
        host,
        'x-ms-client-principal': Buffer.from(
          JSON.stringify({ auth_typ: 'aad', claims: [{ typ: 'roles', val: role }] }),
        ).toString('base64'),
      });
      const { operations } = await import('../../src/api/contract.ts');
      const rank = { viewer: 0, caseworker: 1, reviewer: 2, operator: 3, administrator: 4 };
      try {
        for (const operation of Object.values(operations)) {
          const path = `/${operation.path.replace(/\{\w+\}/g, 'nobody')}`;
          api.runOn({ kind: 'loopback', port: 7071, user: 'local' });
          expect((await api.ask(operation.method, path, { headers: { host: 'evil.example' } })).status).toBe(
            403,
          );
          api.runOn({ kind: 'unknown' });
          expect((await api.ask(operation.method, path)).status).toBe(403);
          api.runOn({ kind: 'azure', authentication: true });
          expect((await api.ask(operation.method, path, { headers: { host } })).status).toBe(401);
          for (const role of Object.keys(rank) as (keyof typeof rank)[]) {
            const answer = await api.ask(operation.method, path, { headers: as(role) });
            const refused = answer.status === 403 && answer.json?.code === 'RoleRequired';
            expect(refused, `${role} ${operation.method} ${path}`).toBe(rank[role] < rank[operation.role]);
          }
        }
      } finally {
        api.runOn({ kind: 'loopback', port: 7071, user: 'local' });
      }
    });

    test('a machine calls the same operations below its own prefix, as operator', async () => {
      api.runOn({ kind: 'azure', authentication: false });
      try {
        const headers = { host: 'app.example.org' };
        const keyed = (method: string, path: string) => api.ask(method, `/machine${path}`, { headers });
        expect(
          (await keyed('GET', `${routes.images}?batch=album&limit=1&code=the-key`)).json.images,
        ).toHaveLength(1);
        expect((await keyed('GET', routes.batch('scans/old ones'))).json.images).toBe(1);
        expect((await keyed('GET', routes.me)).json.role).toBe('operator');
        expect((await keyed('DELETE', routes.deadLetter('ocr', 'x'))).json.code).toBe('RoleRequired');
        // A date of expiry is an erasure, which is the administrator's.
        const expiring = await api.ask('PUT', `/machine${routes.batch('scans/old ones')}`, {
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ expires: '2000-01-01' }),
        });
        expect([expiring.status, expiring.json.code]).toEqual([403, 'RoleRequired']);
        expect((await keyed('GET', '/api/nothing')).status).toBe(404);
        expect((await api.ask('GET', routes.images, { headers })).json.code).toBe('AuthenticationOff');
      } finally {
        api.runOn({ kind: 'loopback', port: 7071, user: 'local' });
      }
    });
  });
}
