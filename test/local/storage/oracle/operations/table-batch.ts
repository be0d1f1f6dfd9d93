import type { WireRequest } from '../../wire/request.ts';
import type { Session } from '../operation.ts';
import { entityPath, keysOf, resourceOf, type TableStep, tableName, VALUES } from './table-entity.ts';

type Headers = Readonly<Record<string, string>>;

/** One change of one entity: also a part of a batch. Without `If-Match` a replace or merge is an upsert. */
export function entityChange(
  step: Omit<TableStep, 'kind'>,
  session: Session,
  accept: Headers,
): Omit<WireRequest, 'service'> {
  const match = {
    none: undefined,
    any: '*',
    last: session.memory.etag(resourceOf(step), 'last'),
    first: session.memory.etag(resourceOf(step), 'first'),
  }[step.match ?? 'none'];
  const ifMatch = match === undefined ? {} : { 'if-match': asTableEtag(match) };
  const body = JSON.stringify({ ...keysOf(step), ...VALUES[step.values ?? 0] });
  const json = { ...accept, 'content-type': 'application/json' };
  switch (step.verb) {
    case 'insert':
      return {
        ...{ method: 'POST', path: `/${tableName(step, session)}`, body },
        headers: { ...json, ...(step.quiet && { prefer: 'return-no-content' }) },
      };
    case 'delete':
      return {
        ...{ method: 'DELETE', path: entityPath(step, session) },
        headers: { ...accept, 'if-match': '*', ...ifMatch },
      };
    default:
      return {
        ...{ method: step.verb === 'merge' ? 'PATCH' : 'PUT', path: entityPath(step, session), body },
        headers: { ...json, ...ifMatch },
      };
  }
}

const asTableEtag = (etag: string): string =>
  etag === '*' || etag.startsWith('W/') ? etag : `W/"datetime'2020-01-01T00%3A00%3A00.0000000Z'"`;

const BATCH = 'batch_11111111-1111-4111-8111-111111111111';
const CHANGES = 'changeset_22222222-2222-4222-8222-222222222222';

/** An entity group transaction as @azure/data-tables writes it. */
export function tableBatch(step: TableStep, session: Session): Omit<WireRequest, 'service'> {
  const parts = (step.changes ?? []).map((change, index) => {
    const part = entityChange(
      { ...change, table: step.table ?? 0, partition: step.partition ?? 0, quiet: true },
      session,
      { accept: 'application/json', dataserviceversion: '3.0' },
    );
    const headers = Object.entries(part.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
    return [
      `--${CHANGES}`,
      'content-type: application/http',
      'content-transfer-encoding: binary',
      '',
      `${part.method} {endpoint}${part.path} HTTP/1.1`,
      `content-id: ${index}`,
      ...headers,
      '',
      part.body ?? '',
    ].join('\r\n');
  });
  const body = [
    `--${BATCH}`,
    `content-type: multipart/mixed; boundary=${CHANGES}`,
    '',
    ...parts,
    `--${CHANGES}--`,
    `--${BATCH}--`,
    '',
  ].join('\r\n');
  return {
    ...{ method: 'POST', path: '/$batch', body },
    headers: {
      'content-type': `multipart/mixed; boundary=${BATCH}`,
      accept: 'application/json',
      dataserviceversion: '3.0',
    },
  };
}
