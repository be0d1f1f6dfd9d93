import { childOf, parseXml } from '../http/xml.ts';

interface AccessPolicy {
  readonly permissions: string | undefined;
  readonly starts: string | undefined;
  readonly expires: string | undefined;
}

/** The policy of that id among those kept with a container, queue or table. @param acl XML, or "" */
export function findPolicy(acl: string, id: string): AccessPolicy | undefined {
  if (acl === '') return undefined;
  const found = parseXml(acl).children.find((child) => childOf(child, 'Id')?.text === id);
  if (!found) return undefined;
  const policy = childOf(found, 'AccessPolicy');
  const of = (name: string): string | undefined => (policy && childOf(policy, name)?.text) || undefined;
  return { permissions: of('Permission'), starts: of('Start'), expires: of('Expiry') };
}
