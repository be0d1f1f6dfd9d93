import type { ServiceError } from '../errors.ts';
import { BodyTooLargeError, readBody } from './body.ts';
import type { EngineRequest } from './router.ts';

/** Room for 1,000 ids or 16 Ki characters of user data. */
const JSON_BYTES = 256 * 1024;

interface JsonErrors {
  unsupportedMediaType(): ServiceError;
  jsonInvalid(): ServiceError;
  bodyInvalid(): ServiceError;
}

/** The JSON object of a call; its properties are anything. */
export async function readJson(request: EngineRequest, errors: JsonErrors): Promise<Record<string, unknown>> {
  const mediaType = (request.raw.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw errors.unsupportedMediaType();
  let text: string;
  try {
    text = (await readBody(request.raw, JSON_BYTES)).toString('utf8');
  } catch (error) {
    throw error instanceof BodyTooLargeError ? errors.bodyInvalid() : error;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw errors.jsonInvalid();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw errors.bodyInvalid();
  return value as Record<string, unknown>;
}
