import { QueueServiceClient } from '@azure/storage-queue';
import { FunctionError } from '../app-setting.ts';
import type { Env } from '../host-json.ts';

/**
 * Longest time of one call, in milliseconds: the SDK has no limit of its own, and one that never ends would leave its
 * queue unread, or its message unsettled, for as long as the host runs.
 */
export const CALL_LIMIT_MS = 30_000;

/** The SDK waits up to two minutes between tries by default; a poll that fails is better tried again by its loop. */
const RETRY = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2000 };

/**
 * The queue service that a binding's `connection` names: the app setting of that name, or with `AzureWebJobs` before
 * it, as connection string; otherwise an identity connection: `<name>__queueServiceUri`, `<name>__serviceUri` or
 * `<name>__accountName`, with `<name>__clientId` for a user-assigned identity.
 *
 * @throws {FunctionError} when there is no such setting
 */
export async function connectQueues(connection: string, env: Env): Promise<QueueServiceClient> {
  const setting = (suffix: string) =>
    env[`AzureWebJobs${connection}${suffix}`] || env[`${connection}${suffix}`] || undefined;
  const connectionString = setting('');
  const options = { retryOptions: RETRY };
  if (connectionString !== undefined) {
    return QueueServiceClient.fromConnectionString(connectionString, options);
  }
  const account = setting('__accountName');
  const uri =
    setting('__queueServiceUri') ??
    setting('__serviceUri') ??
    (account === undefined ? undefined : `https://${account}.queue.core.windows.net`);
  if (uri === undefined) {
    throw new FunctionError(
      `Storage connection "${connection}" does not exist: set the app setting ${connection} to a connection string, or ${connection}__accountName for an identity.`,
    );
  }
  // Large, and of no use where a connection string is set.
  const { DefaultAzureCredential } = await import('@azure/identity');
  const managedIdentityClientId = setting('__clientId');
  const credential = new DefaultAzureCredential(
    managedIdentityClientId === undefined ? {} : { managedIdentityClientId },
  );
  return new QueueServiceClient(uri, credential, options);
}
