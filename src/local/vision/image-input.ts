import { PermanentError, RateLimitedError } from '../../domain/errors.ts';
import { imageHeader } from '../../imaging/image-header.ts';
import { type Analysis, type AnalysisPart, type Analyzer, UndecodableImageError } from './analysis.ts';
import { gatewayErrors, type ServiceError } from './errors.ts';
import { BodyTooLargeError, readBody } from './http/body.ts';
import type { EngineRequest } from './http/router.ts';
import { MAX_PIXELS } from './max-pixels.ts';

/** What one service accepts as an image, and how it refuses. */
export interface ImageRules {
  minBytes: number;
  maxBytes: number;
  acceptsMultipart: boolean;
  tooSmall(): ServiceError;
  tooLarge(): ServiceError;
  undecodable(): ServiceError;
  invalidUrl(): ServiceError;
  invalidJson(): ServiceError;
  unsupportedMediaType(): ServiceError;
}

export interface ImageSource {
  /** `host` or `host:port` from which image URLs are fetched. */
  trustedHosts: ReadonlySet<string>;
  analyzer: Analyzer;
}

const JSON_BYTES = 64 * 1024;
const FETCH_MS = 10_000;

/** The image of a call: sent as bytes, as a multipart file, or as the URL of a trusted host. */
export async function readImage(
  request: EngineRequest,
  rules: ImageRules,
  trustedHosts: ReadonlySet<string>,
): Promise<Uint8Array> {
  const contentType = (request.raw.headers['content-type'] ?? '').toLowerCase();
  const mediaType = contentType.split(';')[0]?.trim();
  let bytes: Uint8Array;
  try {
    if (mediaType === 'application/octet-stream') bytes = await readBody(request.raw, rules.maxBytes);
    else if (mediaType === 'multipart/form-data' && rules.acceptsMultipart)
      bytes = await readMultipart(request, rules);
    else if (mediaType === 'application/json') bytes = await fetchImage(request, rules, trustedHosts);
    else throw rules.unsupportedMediaType();
  } catch (error) {
    throw error instanceof BodyTooLargeError ? rules.tooLarge() : error;
  }
  if (bytes.length > rules.maxBytes) throw rules.tooLarge();
  if (bytes.length < rules.minBytes) throw bytes.length === 0 ? rules.undecodable() : rules.tooSmall();
  return bytes;
}

/** Runs the models; an image that does not decode becomes the service's own error. */
export async function analyzeImage<P extends AnalysisPart>(
  analyzer: Analyzer,
  bytes: Uint8Array,
  parts: readonly P[],
  rules: ImageRules,
): Promise<Pick<Analysis, P>> {
  try {
    return await analyzer.analyze(bytes, parts);
  } catch (error) {
    if (error instanceof PermanentError && error.code === 'ImageNeedsTooMuchMemory') throw rules.tooLarge();
    if (error instanceof RateLimitedError) throw gatewayErrors.rateLimited(error.retryAfterMs / 1000);
    if (!(error instanceof UndecodableImageError)) throw error;
    throw (await isTooLargeToUnpack(bytes)) ? rules.tooLarge() : rules.undecodable();
  }
}

/** Looks at the header only: the models refuse such an image before any pixel is allocated. */
async function isTooLargeToUnpack(bytes: Uint8Array): Promise<boolean> {
  const header = await imageHeader(bytes).catch(() => undefined);
  return header !== undefined && header.facts.width * header.facts.height > MAX_PIXELS;
}

async function readMultipart(request: EngineRequest, rules: ImageRules): Promise<Uint8Array> {
  const body = await readBody(request.raw, rules.maxBytes + JSON_BYTES);
  const headers = { 'content-type': request.raw.headers['content-type'] ?? '' };
  const form = await new Response(new Uint8Array(body), { headers }).formData().catch(() => undefined);
  for (const value of form?.values() ?? []) {
    if (typeof value !== 'string') return new Uint8Array(await value.arrayBuffer());
  }
  throw rules.undecodable();
}

async function fetchImage(
  request: EngineRequest,
  rules: ImageRules,
  trustedHosts: ReadonlySet<string>,
): Promise<Uint8Array> {
  const json = parseJson((await readBody(request.raw, JSON_BYTES)).toString('utf8'));
  if (typeof json !== 'object' || json === null || !('url' in json)) throw rules.invalidJson();
  const url = typeof json.url === 'string' && URL.canParse(json.url) ? new URL(json.url) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || !trustedHosts.has(url.host)) throw rules.invalidUrl();
  try {
    // No redirects: a trusted host could otherwise send the engine anywhere.
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS) });
    if (!response.ok || !response.body) throw rules.invalidUrl();
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > rules.maxBytes) throw rules.tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  } catch (error) {
    throw error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')
      ? rules.invalidUrl()
      : error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
