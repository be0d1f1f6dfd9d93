import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { notFound } from './problem.ts';
import { etagOf, hasVersion } from './reply.ts';
import { PAGE_ROOT } from './routes.ts';
import { PAGE_HEADERS } from './security-headers.ts';

/** Where the build puts the page: beside the compiled sources, also in the deployed package. */
const BUILT = fileURLToPath(new URL('../../dashboard/', import.meta.url));

/** Types of what a built page consists of; nothing else is served. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Vite puts what it names by content hash here: such a file never changes. */
const HASHED = /^assets\//;

/** What shrinks; pictures and fonts are compressed already. */
const SHRINKS = /^(?:text\/|application\/|image\/svg)/;

interface BuiltFile {
  bytes: Buffer;
  /** Absent where that is no smaller. */
  gzipped?: Buffer;
  etag: string;
  type: string;
}

/** The files asked for so far: a build has a few dozen, and they change only with the process. */
const kept = new Map<string, Promise<BuiltFile | undefined>>();

/**
 * Serves a file of the built page; the page itself for any other address below `dashboard/`, which are its views.
 *
 * @param built folder of the build
 */
export async function servePage(request: HttpRequest, built: string = BUILT): Promise<HttpResponseInit> {
  const name = fileNameOf(new URL(request.url).pathname);
  const asset = path.posix.extname(name) !== '';
  const file = await read(built, asset ? name : 'index.html');
  if (!file) {
    if (asset) throw notFound('file');
    return notBuilt();
  }
  const headers = {
    ...PAGE_HEADERS,
    etag: `"${file.etag}"`,
    vary: 'accept-encoding',
    'cache-control': asset && HASHED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  if (hasVersion(request, file.etag)) return { status: 304, headers };
  const { type, bytes, gzipped } = file;
  if (gzipped && takesGzip(request)) {
    return {
      status: 200,
      headers: { ...headers, 'content-type': type, 'content-encoding': 'gzip' },
      body: gzipped,
    };
  }
  return { status: 200, headers: { ...headers, 'content-type': type }, body: bytes };
}

/** Nobody in front of a function app compresses for it. A weight of nought means no (RFC 9110, 12.5.3). */
const takesGzip = (request: HttpRequest): boolean =>
  (request.headers.get('accept-encoding') ?? '')
    .split(',')
    .some((one) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(one));

function fileNameOf(pathname: string): string {
  // `..` in an address has been resolved by now, and may have led out of here.
  if (`${pathname}/` !== PAGE_ROOT && !pathname.startsWith(PAGE_ROOT)) throw notFound('file');
  try {
    return decodeURIComponent(pathname).slice(PAGE_ROOT.length);
  } catch {
    throw notFound('file');
  }
}

function read(built: string, name: string): Promise<BuiltFile | undefined> {
  const file = path.join(built, name);
  let reading = kept.get(file);
  if (!reading) {
    reading = readBuilt(built, file);
    // What is not there yet may be built while this process runs.
    reading.then((found) => found ?? kept.delete(file));
    kept.set(file, reading);
  }
  return reading;
}

async function readBuilt(built: string, file: string): Promise<BuiltFile | undefined> {
  const type = TYPES[path.extname(file).toLowerCase()];
  const inside = path.relative(built, file);
  if (type === undefined || inside.startsWith('..') || path.isAbsolute(inside)) return undefined;
  try {
    const bytes = await readFile(file);
    const gzipped = SHRINKS.test(type) ? await promisify(gzip)(bytes, { level: 9 }) : undefined;
    const smaller = gzipped !== undefined && gzipped.length < bytes.length;
    return { bytes, etag: etagOf(bytes), type, ...(smaller && { gzipped }) };
  } catch {
    return undefined;
  }
}

const notBuilt = (): HttpResponseInit => ({
  status: 404,
  headers: { ...PAGE_HEADERS, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body: 'The page is not built. Run `npm run build`, then load this again. The API is there: api/openapi.json.\n',
});
