import { type Call, decode } from '../http/call.ts';
import type { State } from '../state/state.ts';
import type { Policies } from './sas.ts';

/** The access policies kept with containers, queues and tables. */
export function policiesOf({ db }: State): Policies {
  const statements = {
    blob: db.prepare('SELECT acl FROM container WHERE account = ? AND name = ?'),
    queue: db.prepare('SELECT acl FROM queue WHERE account = ? AND name = ?'),
    table: db.prepare('SELECT acl FROM entity_table WHERE account = ? AND name = ?'),
  };
  return ({ service, account, rawResource, query }: Call): string => {
    const slash = rawResource.indexOf('/');
    const first = decode(slash < 0 ? rawResource : rawResource.slice(0, slash));
    const name = service === 'table' ? (query.get('tn') ?? '') : first;
    return String(statements[service].get(account, name)?.acl ?? '');
  };
}
