import type { Readable } from 'node:stream';

/** What goes back to the client; the common headers are added where it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** Text and buffers bring their own length; a stream needs `content-length` among the headers. */
  readonly body?: string | Buffer | Readable;
}

export const XML_TYPE = 'application/xml';

export const XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>';

export const xmlAnswer = (
  body: string,
  headers: Readonly<Record<string, string | number>> = {},
  status = 200,
): Answer => ({
  status,
  headers: { 'content-type': XML_TYPE, ...headers },
  body: `${XML_HEAD}${body}`,
});
