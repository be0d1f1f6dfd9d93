import { type Identity, openIdentity } from '../domain/identity.ts';
import type { Clock } from '../domain/ports.ts';
import type { TellingSettings } from '../domain/telling-settings.ts';
import type { Receiver } from './receiver.ts';

/** The receiver that the settings name, or undefined where nobody is told. Loaded on demand: most instances tell nobody. */
export async function openReceiver(
  settings: TellingSettings & { readonly AZURE_CLIENT_ID?: string | undefined },
  { identity = openIdentity(settings.AZURE_CLIENT_ID), clock }: { identity?: Identity; clock: Clock },
): Promise<Receiver | undefined> {
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret, EVENT_GRID_TOPIC_ENDPOINT: topic } = settings;
  if (url !== undefined && secret !== undefined) {
    const { Webhook } = await import('./webhook.ts');
    const allowPrivate = settings.WEBHOOK_PRIVATE_ADDRESSES === 'on';
    return new Webhook({ url, secret, allowPrivate, clock });
  }
  if (topic === undefined) return undefined;
  const { Topic } = await import('./topic.ts');
  return new Topic(topic, await identity());
}
