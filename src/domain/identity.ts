import type { TokenCredential } from '@azure/identity';

/**
 * The credentials of this process, each made once and shared by storage, vision, SQL and telemetry, so that a token
 * is fetched once for each audience. Without `clientId` it is the app's own identity.
 */
export type Identity = (clientId?: string) => Promise<TokenCredential>;

/**
 * @param ownClientId client id of the user-assigned identity the app runs as; absent: the system-assigned identity, or
 *   the developer's own login
 */
export function openIdentity(ownClientId: string | undefined): Identity {
  const made = new Map<string | undefined, Promise<TokenCredential>>();
  return (clientId = ownClientId) => {
    const known = made.get(clientId);
    if (known) return known;
    // Loaded on demand: whoever uses connection strings and keys never needs it.
    const making = import('@azure/identity').then(
      ({ DefaultAzureCredential }) =>
        new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId }),
    );
    made.set(clientId, making);
    return making;
  };
}
