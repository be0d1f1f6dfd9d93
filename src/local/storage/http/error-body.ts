import { escapeXml } from '../../../domain/xml-text.ts';
import type { Answer } from './answer.ts';
import { XML_TYPE } from './answer.ts';
import type { ServiceName } from './call.ts';
import type { StorageError } from './storage-error.ts';
import { elementText } from './xml.ts';

/** An error as the service writes it: XML, or JSON from tables. */
export function errorAnswer(
  error: StorageError,
  service: ServiceName,
  method: string | undefined,
  requestId: string,
  now: number,
): Answer {
  const headers = { ...error.headers, 'x-ms-error-code': error.code };
  if (method === 'HEAD' || error.status === 304) return { status: error.status, headers };
  const message = `${error.message}\nRequestId:${requestId}\nTime:${new Date(now).toISOString()}`;
  if (service === 'table') {
    const body = { 'odata.error': { code: error.code, message: { lang: 'en-US', value: message } } };
    return {
      status: error.status,
      headers: {
        ...headers,
        'content-type': 'application/json;odata=minimalmetadata;streaming=true;charset=utf-8',
      },
      body: JSON.stringify(body),
    };
  }
  const details = Object.entries(error.details)
    .map(([name, value]) => `<${name}>${elementText(value)}</${name}>`)
    .join('');
  return {
    status: error.status,
    headers: { ...headers, 'content-type': XML_TYPE },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${error.code}</Code><Message>${escapeXml(message)}</Message>${details}</Error>`,
  };
}
