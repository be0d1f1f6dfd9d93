import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from './support/project-root.ts';

/** Everything by which the SDKs, or a hand, could make an address that opens without signing in. */
const SIGNED =
  /generate(?:Blob|Account|Queue|Table|DataLake)?S(?:AS|as)\w*|S(?:AS|as)(?:Query|Permissions|Url|Token)\w*|getUserDelegationKey|setAccessPolicy|publicAccess|[?&]sig=|sharedaccesssignature|createServiceSas/i;

/** How our own storage service says no to what asks for it. */
const REFUSING = /PublicAccessNotPermitted/i;

test('no source makes a SAS, a stored access policy or a public container', () => {
  const files = readdirSync(join(projectRoot, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  );
  expect(files.length).toBeGreaterThan(300);
  const found = files.flatMap((name) =>
    readFileSync(join(projectRoot, 'src', name), 'utf8')
      .split('\n')
      .filter((line) => SIGNED.test(line) && !REFUSING.test(line))
      .map((line) => `${name}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

test('the pattern knows one when it sees one', () => {
  for (const line of [
    'client.generateSasUrl({ permissions })',
    'generateBlobSASQueryParameters(values, key)',
    'await service.getUserDelegationKey(from, to)',
    "await container.create({ access: 'blob', publicAccess: true })",
    'const url = blob.url + "?sv=1&sig=abc"',
  ]) {
    expect(line).toMatch(SIGNED);
  }
});

test('the template allows no public blobs and no keys', () => {
  const template = readFileSync(join(projectRoot, 'azuredeploy.json'), 'utf8');
  expect(template).toContain('"allowBlobPublicAccess": false');
  expect(template).toContain('"allowSharedKeyAccess": false');
  expect(template).not.toMatch(/listAccountSas|listServiceSas/i);
});
