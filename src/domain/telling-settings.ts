import { z } from 'zod';

/** Bytes of a webhook's secret. Source: Standard Webhooks, "Signature scheme". */
const SECRET_BYTES = { least: 24, most: 64 };

/** Hosts of this machine, as `URL.hostname` has them: the only ones that may be told without TLS. */
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

export const isLoopbackHost = (hostname: string): boolean => LOOPBACK.includes(hostname.toLowerCase());

const address = z.string().superRefine((text, check) => {
  const wrong = (message: string) => check.addIssue({ code: 'custom', message });
  const url = URL.parse(text);
  if (url === null) return wrong('must be an address such as https://example.org/hooks/imaginem');
  if (url.username !== '' || url.password !== '') return wrong('must carry no user name and no password');
  const plain = url.protocol === 'http:' && isLoopbackHost(url.hostname);
  if (url.protocol !== 'https:' && !plain)
    wrong('must begin with https: (http is taken for this machine only)');
});

const secret = z.string().superRefine((text, check) => {
  // What the platform hands over where it could not read the vault.
  const unread = text.startsWith('@Microsoft.KeyVault(');
  const base64 = text.replace(/^whsec_/, '');
  const bytes = Buffer.from(base64, 'base64');
  const fits = bytes.length >= SECRET_BYTES.least && bytes.length <= SECRET_BYTES.most;
  if (unread)
    check.addIssue({
      code: 'custom',
      message:
        'is a Key Vault reference that could not be resolved: give the app\'s identity the role "Key Vault Secrets User" on the vault',
    });
  else if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || !fits)
    check.addIssue({
      code: 'custom',
      message: `must be whsec_ and the base64 of ${SECRET_BYTES.least} to ${SECRET_BYTES.most} random bytes`,
    });
});

/** The app settings of what is told to others, under their names in the environment. */
export const tellingSettings = {
  /** Where candidates are told of, as signed CloudEvents; nowhere when absent. */
  WEBHOOK_URL: address.optional(),
  /** What they are signed with (Standard Webhooks); in Azure a Key Vault reference. */
  WEBHOOK_SECRET: secret.optional(),
  /** `on`: the webhook's host may have an address of a private network. */
  WEBHOOK_PRIVATE_ADDRESSES: z.enum(['on', 'off']).default('off'),
  /** An Event Grid topic for CloudEvents, signed in to by identity, in place of a webhook. */
  EVENT_GRID_TOPIC_ENDPOINT: z.url({ protocol: /^https$/ }).optional(),
};

export interface TellingSettings {
  readonly WEBHOOK_URL?: string | undefined;
  readonly WEBHOOK_SECRET?: string | undefined;
  readonly WEBHOOK_PRIVATE_ADDRESSES: 'on' | 'off';
  readonly EVENT_GRID_TOPIC_ENDPOINT?: string | undefined;
}

/** What the settings are wrong about together, by the setting that is to be changed. */
export function tellingFaults(
  settings: TellingSettings,
): { setting: keyof TellingSettings; fault: string }[] {
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: key, EVENT_GRID_TOPIC_ENDPOINT: topic } = settings;
  if (url !== undefined && topic !== undefined)
    return [
      {
        setting: 'EVENT_GRID_TOPIC_ENDPOINT',
        fault: 'a webhook is set as well: set one of the two, or everything would be told twice',
      },
    ];
  if (url !== undefined && key === undefined)
    return [
      {
        setting: 'WEBHOOK_SECRET',
        fault: 'is missing: without it a receiver cannot know that what WEBHOOK_URL is told comes from here',
      },
    ];
  return [];
}
