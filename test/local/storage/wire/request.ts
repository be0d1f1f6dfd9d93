import type { ServiceName } from './account.ts';

/** How a request says who sends it. `stranger` signs with a key that is not the account's. */
type Authorisation = 'key' | 'lite' | 'stranger' | 'none';

export interface WireRequest {
  readonly service: ServiceName;
  readonly method: string;
  /** After the account, beginning with "/", encoded as it is to be sent. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly authorisation?: Authorisation;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Encodes each part of a name, as the SDKs do: a "/" stands for itself. */
export const encodePath = (name: string): string => name.split('/').map(encodeURIComponent).join('/');
