/** An answer that says no, in the service's own words. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly status: number;
  /** The service's code, as in the header x-ms-error-code. */
  readonly code: string;
  /** Elements beside Code and Message, in order. */
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    details: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.headers = headers;
  }
}

export const authenticationFailed = (detail: string): StorageError =>
  new StorageError(
    403,
    'AuthenticationFailed',
    'Server failed to authenticate the request. Make sure the value of the Authorization header is formed correctly including the signature.',
    { AuthenticationErrorDetail: detail },
  );

export const notImplemented = (what: string): StorageError =>
  new StorageError(501, 'NotImplemented', `${what} not part of this storage service.`);

export const unsupportedVerb = (): StorageError =>
  new StorageError(405, 'UnsupportedHttpVerb', "The resource doesn't support specified Http Verb.");

export const invalidQuery = (name: string, value: string, reason = ''): StorageError =>
  new StorageError(
    400,
    'InvalidQueryParameterValue',
    'Value for one of the query parameters specified in the request URI is invalid.',
    {
      QueryParameterName: name,
      QueryParameterValue: value,
      ...(reason !== '' && { Reason: reason }),
    },
  );

export const outOfRangeQuery = (name: string, value: number, min: number, max: number): StorageError =>
  new StorageError(
    400,
    'OutOfRangeQueryParameterValue',
    'One of the query parameters specified in the request URI is outside the permissible range.',
    {
      QueryParameterName: name,
      QueryParameterValue: String(value),
      MinimumAllowed: String(min),
      MaximumAllowed: String(max),
    },
  );

export const invalidHeader = (name: string, value: string): StorageError =>
  new StorageError(
    400,
    'InvalidHeaderValue',
    'The value for one of the HTTP headers is not in the correct format.',
    { HeaderName: name, HeaderValue: value },
  );

export const missingHeader = (name: string): StorageError =>
  new StorageError(
    400,
    'MissingRequiredHeader',
    "An HTTP header that's mandatory for this request is not specified.",
    { HeaderName: name },
  );

export const invalidXml = (reason = ''): StorageError =>
  new StorageError(
    400,
    'InvalidXmlDocument',
    `XML specified is not syntactically valid.${reason === '' ? '' : ` ${reason}`}`,
  );

export const bodyTooLarge = (limit: number): StorageError =>
  new StorageError(
    413,
    'RequestBodyTooLarge',
    'The request body is too large and exceeds the maximum permissible limit.',
    { MaxLimit: String(limit) },
  );

export const invalidUri = (): StorageError =>
  new StorageError(400, 'InvalidUri', 'The requested URI does not represent any resource on the server.');

export const invalidInput = (message = 'One of the request inputs is not valid.'): StorageError =>
  new StorageError(400, 'InvalidInput', message);

export const missingQuery = (name: string): StorageError =>
  new StorageError(
    400,
    'MissingRequiredQueryParameter',
    "A query parameter that's mandatory for this request is not specified.",
    { QueryParameterName: name },
  );
