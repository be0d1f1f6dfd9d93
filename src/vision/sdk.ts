import type { TokenCredential } from '@azure/identity';
import type { ServiceClientCredentials, ServiceClientOptions } from '@azure/ms-rest-js';
import { SettingsError } from '../domain/settings.ts';

/** The audience of a token for these services; the SDKs would ask for Azure's management, and be refused. */
const SCOPE = 'https://cognitiveservices.azure.com/.default';

export interface Connection {
  /** The service's name, for errors. */
  service: string;
  /** Root address; a path would be dropped by the SDKs in silence. */
  endpoint: string | undefined;
  /** Name of its app setting. */
  setting: string;
  /** Key; identity is used when absent. */
  key: string | undefined;
  credential: () => Promise<TokenCredential>;
}

interface ClientArguments {
  credentials: ServiceClientCredentials;
  endpoint: string;
  options: ServiceClientOptions;
}

/**
 * What both SDKs are constructed with. Their own retries are off: they never retry a 429 and take two minutes over a
 * dead call, while the queue does both better. Redirects are
 * off, for they would carry image and key elsewhere.
 *
 * @throws {SettingsError} when no endpoint is set
 */
export async function clientArguments(connection: Connection): Promise<ClientArguments> {
  const { endpoint, key, setting } = connection;
  if (endpoint === undefined) {
    throw new SettingsError(
      `App setting ${setting} is not set: give the root address of the service, or of the local engine.`,
    );
  }
  const [{ ApiKeyCredentials, AzureIdentityCredentialAdapter, HttpHeaders }, { visionHttpClient }] =
    await Promise.all([import('@azure/ms-rest-js'), import('./http-client.ts')]);
  return {
    endpoint,
    credentials:
      key === undefined
        ? new AzureIdentityCredentialAdapter(await connection.credential(), SCOPE)
        : new ApiKeyCredentials({ inHeader: { 'Ocp-Apim-Subscription-Key': key } }),
    options: {
      noRetryPolicy: true,
      // Our client does not follow them either: this policy would.
      redirectOptions: { handleRedirects: false },
      httpClient: visionHttpClient(connection.service, (raw) => new HttpHeaders(raw)),
    },
  };
}
