import { expect, test } from 'vitest';
import { firewall } from '../../scripts/azd/azure.ts';
import { type Database, ensureDatabaseUser } from '../../scripts/azd/database-user.ts';
import { readOutputs, VARIABLES } from '../../scripts/azd/outputs.ts';
import { refusedAddress } from '../../scripts/azd/own-address.ts';

const REFUSED = Object.assign(
  new Error(
    "Cannot open server 'sql-x' requested by the login. Client with IP address '203.0.113.7' is not allowed to access the server.  To enable access, use the Azure Management Portal.",
  ),
  { number: 40615 },
);

/** An Azure SQL server: refuses whom its firewall does not let in, for two tries longer than the rule is there. */
function server({ has = false, lag = 2, failing = undefined as Error | undefined } = {}) {
  const happened: string[] = [];
  let open = false;
  let slow = lag;
  let user = has;
  const database: Database = {
    hasUser: async () => user,
    run: async (statement) => {
      if (failing) throw failing;
      happened.push(statement);
      user = true;
    },
    close: async () => {
      happened.push('disconnect');
    },
  };
  return {
    happened,
    outside: {
      connect: async () => {
        if (!open) throw REFUSED;
        if (slow > 0) {
          slow -= 1;
          throw REFUSED;
        }
        return database;
      },
      firewall: {
        open: async (address: string) => {
          open = true;
          happened.push(`open ${address}`);
        },
        close: async () => {
          open = false;
          happened.push('close');
        },
      },
      pause: async () => {},
      say: () => {},
    },
    isOpen: () => open,
  };
}

test('the user is made, and the firewall is as it was', async () => {
  const { outside, happened, isOpen } = server();
  expect(await ensureDatabaseUser('id-app', 'CREATE USER', outside)).toBe(true);
  expect(happened).toEqual(['open 203.0.113.7', 'CREATE USER', 'disconnect', 'close']);
  expect(isOpen()).toBe(false);
});

test('a second run makes nothing', async () => {
  const { outside, happened } = server({ has: true });
  expect(await ensureDatabaseUser('id-app', 'CREATE USER', outside)).toBe(false);
  expect(happened).not.toContain('CREATE USER');
});

test('a statement that fails, and a firewall that never lets in, leave no hole behind', async () => {
  const failing = server({ failing: new Error('Principal could not be found') });
  await expect(ensureDatabaseUser('id-app', 'CREATE USER', failing.outside)).rejects.toThrow(/Principal/);
  expect(failing.isOpen()).toBe(false);
  const deaf = server({ lag: 1000 });
  await expect(ensureDatabaseUser('id-app', 'CREATE USER', deaf.outside)).rejects.toThrow(/not allowed/);
  expect(deaf.isOpen()).toBe(false);
});

test('another error of the server opens nothing', async () => {
  const { outside, happened } = server();
  const connect = async () => {
    throw new Error('Login failed for user');
  };
  await expect(ensureDatabaseUser('id-app', 'x', { ...outside, connect })).rejects.toThrow(/Login failed/);
  expect(happened).toEqual([]);
});

test('the address is read from the refusal only', () => {
  expect(refusedAddress(REFUSED)).toBe('203.0.113.7');
  expect(refusedAddress(new Error("Client with IP address '203.0.113.7' said hello"))).toBeUndefined();
  expect(refusedAddress(undefined)).toBeUndefined();
});

test('the rule is one of the server alone, and a refusal of Azure is told', async () => {
  const sent: [string, RequestInit | undefined][] = [];
  const credential = { getToken: async () => ({ token: 't', expiresOnTimestamp: 0 }) };
  const place = { subscription: 's', resourceGroup: 'g', server: 'sql-x' };
  let status = 200;
  const wall = firewall(place, credential, async (url, init) => {
    sent.push([String(url), init]);
    return new Response(null, { status });
  });
  await wall.open('203.0.113.7');
  expect(sent[0]?.[0]).toMatch(
    /\/resourceGroups\/g\/providers\/Microsoft\.Sql\/servers\/sql-x\/firewallRules\//,
  );
  expect(JSON.parse(String(sent[0]?.[1]?.body))).toEqual({
    properties: { startIpAddress: '203.0.113.7', endIpAddress: '203.0.113.7' },
  });
  status = 403;
  await expect(wall.close()).rejects.toThrow(/deleted: do that by hand.*403/);
});

test('outputs: what is missing is named; a database without an address is told apart', () => {
  const env = Object.fromEntries(VARIABLES.map((name) => [name, name.toLowerCase()]));
  expect(() => readOutputs({ ...env, IDENTITY_NAME: '' })).toThrow(/IDENTITY_NAME.*azd hooks run/);
  expect(readOutputs({ ...env, SQL_SERVER_FQDN: 'sql-x.database.windows.net' })).toMatchObject({
    place: { server: 'sql-x' },
    privateOnly: false,
  });
  expect(readOutputs({ ...env, VIRTUAL_NETWORK_DEPLOYED: 'True' }).privateOnly).toBe(true);
});
