import { escapeXml } from '../../../domain/xml-text.ts';
import type { State } from '../state/state.ts';
import { type Answer, xmlAnswer } from './answer.ts';
import type { Call } from './call.ts';
import { invalidXml } from './storage-error.ts';
import { childOf, parseXml, type XmlElement } from './xml.ts';

const LOGGING =
  '<Logging><Version>1.0</Version><Read>false</Read><Write>false</Write><Delete>false</Delete><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></Logging>';
const metrics = (name: string): string =>
  `<${name}><Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></${name}>`;
const DEFAULTS: Readonly<Record<string, string>> = {
  Logging: LOGGING,
  HourMetrics: metrics('HourMetrics'),
  MinuteMetrics: metrics('MinuteMetrics'),
  Cors: '<Cors />',
};

/** Get and Set Service Properties: kept and given back; nothing is logged, measured or opened to web pages by them. */
export class ServiceProperties {
  readonly #get;
  readonly #set;

  constructor({ db }: State) {
    this.#get = db.prepare('SELECT xml FROM service_properties WHERE account = ? AND service = ?');
    this.#set = db.prepare(
      'INSERT OR REPLACE INTO service_properties (account, service, xml) VALUES (?, ?, ?)',
    );
  }

  get({ account, service }: Call): Answer {
    const parts = this.#kept(account, service);
    return xmlAnswer(`<StorageServiceProperties>${Object.values(parts).join('')}</StorageServiceProperties>`);
  }

  /** What is not named stays as it is. @throws {StorageError} InvalidXmlDocument */
  set({ account, service }: Call, body: Buffer): Answer {
    const root = parseXml(body.toString('utf8'));
    if (root.name !== 'StorageServiceProperties') throw invalidXml();
    const parts: Record<string, string> = { ...this.#kept(account, service) };
    for (const child of root.children) parts[child.name] = write(child);
    this.#set.run(account, service, JSON.stringify(parts));
    return { status: 202 };
  }

  #kept(account: string, service: string): Readonly<Record<string, string>> {
    const row = this.#get.get(account, service);
    return row ? (JSON.parse(String(row.xml)) as Record<string, string>) : DEFAULTS;
  }
}

function write({ name, children, text }: XmlElement): string {
  const inside = children.length > 0 ? children.map(write).join('') : escapeXml(text);
  return inside === '' ? `<${name} />` : `<${name}>${inside}</${name}>`;
}

/** Get Service Stats: there is no second region here. */
export const serviceStats = (): Answer =>
  xmlAnswer(
    '<StorageServiceStats><GeoReplication><Status>unavailable</Status><LastSyncTime /></GeoReplication></StorageServiceStats>',
  );

/** Signed identifiers of an access policy, checked and as they are kept. @throws {StorageError} */
export function readAcl(body: Buffer): string {
  if (body.length === 0) return '';
  const root = parseXml(body.toString('utf8'));
  if (root.name !== 'SignedIdentifiers') throw invalidXml();
  if (root.children.length > 5) throw invalidXml('At most five identifiers are taken.');
  if (root.children.some((child) => child.name !== 'SignedIdentifier' || !childOf(child, 'Id')))
    throw invalidXml();
  return root.children.length === 0 ? '' : write(root);
}

/** Get ACL. @param acl as {@link readAcl} made it */
export const aclAnswer = (acl: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  xmlAnswer(acl === '' ? '<SignedIdentifiers />' : acl, headers);
