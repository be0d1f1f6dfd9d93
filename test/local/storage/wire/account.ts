/** Where a storage account answers, and its key: what a connection string says. */
export interface StorageAccount {
  readonly account: string;
  /** Base64. */
  readonly key: string;
  readonly endpoints: Readonly<Record<ServiceName, string>>;
}

export type ServiceName = 'blob' | 'queue' | 'table';

/** @throws where one of the three endpoints, the account or the key is missing */
export function accountOf(connectionString: string): StorageAccount {
  const fields = new Map(
    connectionString
      .split(';')
      .filter((part) => part !== '')
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new Error(`The connection string has no ${name}.`);
    return value;
  };
  return {
    account: field('AccountName'),
    key: field('AccountKey'),
    endpoints: {
      blob: field('BlobEndpoint'),
      queue: field('QueueEndpoint'),
      table: field('TableEndpoint'),
    },
  };
}
