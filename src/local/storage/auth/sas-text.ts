import { type Call, decode, type SasScope } from '../http/call.ts';

const VERSIONS = { account: '2015-04-05', snapshot: '2018-11-09', encryption: '2020-12-06' };

/** The text that a shared access signature is made over; undefined for forms that this service does not know. */
export function sasText(
  call: Pick<Call, 'account' | 'rawResource' | 'query'>,
  scope: SasScope,
): string | undefined {
  const { account, query } = call;
  const of = (name: string): string => query.get(name) ?? '';
  const version = of('sv');
  if (version < VERSIONS.account) return undefined;
  if (scope === 'account') {
    const fields = [
      account,
      of('sp'),
      of('ss'),
      of('srt'),
      of('st'),
      of('se'),
      of('sip'),
      of('spr'),
      version,
    ];
    if (version >= VERSIONS.encryption) fields.push(of('ses'));
    return `${fields.join('\n')}\n`;
  }
  const head = [
    of('sp'),
    of('st'),
    of('se'),
    canonicalResource(call, scope),
    of('si'),
    of('sip'),
    of('spr'),
    version,
  ];
  if (scope === 'queue') return head.join('\n');
  if (scope === 'table') return [...head, of('spk'), of('srk'), of('epk'), of('erk')].join('\n');
  const fields = [...head];
  // A snapshot's time stands here; there are none.
  if (version >= VERSIONS.snapshot) fields.push(of('sr'), '');
  if (version >= VERSIONS.encryption) fields.push(of('ses'));
  return [...fields, of('rscc'), of('rscd'), of('rsce'), of('rscl'), of('rsct')].join('\n');
}

function canonicalResource(
  { account, rawResource, query }: Pick<Call, 'account' | 'rawResource' | 'query'>,
  scope: SasScope,
): string {
  const slash = rawResource.indexOf('/');
  const first = decode(slash < 0 ? rawResource : rawResource.slice(0, slash));
  switch (scope) {
    case 'queue':
      return `/queue/${account}/${first}`;
    case 'table':
      return `/table/${account}/${(query.get('tn') ?? '').toLowerCase()}`;
    case 'blob':
      return `/blob/${account}/${decode(rawResource)}`;
    default:
      return `/blob/${account}/${first}`;
  }
}
