import type { DequeuedMessageItem } from '@azure/storage-queue';
import type { TypedData } from '../app/core-api.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The text of a message as its sender meant it; undefined when it is not in the encoding that host.json names. */
export function decodeMessage(text: string, encoding: 'base64' | 'none'): string | undefined {
  if (encoding === 'none') return text;
  if (!BASE64.test(text)) return undefined;
  try {
    return utf8.decode(Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}

/**
 * The trigger metadata of a message: strings as `{string}`, numbers and dates as `{json}`, the dequeue count as a JSON
 * string, for that is how it reaches a handler.
 *
 * When the body is a JSON object, its top-level fields replace metadata of the same name, ignoring case, or are added:
 * a body with `id` hides the storage message's `Id`. As in the platform, arrays and nulls are left out, and simple
 * values travel as strings.
 */
export function triggerMetadata(message: DequeuedMessageItem, body: string): Record<string, TypedData> {
  const date = (value: Date): TypedData => ({ json: JSON.stringify(value) });
  const metadata: Record<string, TypedData> = {
    QueueTrigger: { string: body },
    DequeueCount: { json: JSON.stringify(String(message.dequeueCount)) },
    ExpirationTime: date(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: date(message.insertedOn),
    NextVisibleTime: date(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
  };
  const names = new Map(Object.keys(metadata).map((name) => [name.toLowerCase(), name]));
  for (const [key, value] of Object.entries(topLevelFields(body))) {
    if (value === null || Array.isArray(value)) continue;
    const name = names.get(key.toLowerCase()) ?? key;
    names.set(key.toLowerCase(), name);
    metadata[name] = typeof value === 'object' ? { json: JSON.stringify(value) } : { string: asText(value) };
  }
  return metadata;
}

function topLevelFields(body: string): Record<string, unknown> {
  const text = body.trim();
  if (!text.startsWith('{')) return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** .NET writes booleans with a capital. */
function asText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}
