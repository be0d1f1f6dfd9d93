import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { HttpRequest } from '@azure/functions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { servePage } from '../../src/api/page.ts';
import { ApiError } from '../../src/api/problem.ts';

/** Of which compression makes less. */
const LONG = 'export const words = ["words", "words"];\n'.repeat(50);
let root: string;
let built: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'imaginem-page-'));
  built = join(root, 'dashboard');
  await mkdir(join(built, 'assets'), { recursive: true });
  await writeFile(join(root, 'secret.json'), '{}');
  await writeFile(join(built, 'index.html'), '<!doctype html><title>Imaginem</title>');
  await writeFile(join(built, 'assets', 'app-abc123.js'), 'export {};');
  await writeFile(join(built, 'assets', 'app-abc123.js.map'), '{}');
  await writeFile(join(built, 'assets', 'long-abc123.js'), LONG);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const get = (path: string, headers: Record<string, string> = {}, folder = built) =>
  servePage(new HttpRequest({ method: 'GET', url: `http://localhost${path}`, headers }), folder);
const header = (answer: Awaited<ReturnType<typeof get>>, name: string) =>
  (answer.headers as Record<string, string>)[name];

describe('the page', () => {
  test.for([
    '/dashboard',
    '/dashboard/',
    '/dashboard/images',
    '/dashboard/images/abc',
    '/dashboard/index.html',
  ])('is there at %s, asked for anew each time', async (path) => {
    const page = await get(path);
    expect(page.status).toBe(200);
    expect(header(page, 'content-type')).toBe('text/html; charset=utf-8');
    expect(header(page, 'cache-control')).toBe('no-cache');
    const again = await get(path, { 'if-none-match': header(page, 'etag') ?? '' });
    expect(again.status).toBe(304);
    expect(again.body).toBeUndefined();
  });

  test('its hashed files are kept for good, as what they are', async () => {
    const script = await get('/dashboard/assets/app-abc123.js');
    expect(header(script, 'content-type')).toBe('text/javascript; charset=utf-8');
    expect(header(script, 'cache-control')).toBe('public, max-age=31536000, immutable');
  });

  test.for([
    ['gzip, deflate, br', true],
    ['br;q=1.0, gzip;q=0.8', true],
    ['gzip;q=0', false],
    ['gzip; q=0.0', false],
    ['br', false],
    ['', false],
  ])('a browser that takes %j gets it compressed: %s', async ([taken, compressed]) => {
    const given = await get('/dashboard/assets/long-abc123.js', { 'accept-encoding': String(taken) });
    expect(header(given, 'vary')).toBe('accept-encoding');
    expect(header(given, 'content-encoding')).toBe(compressed ? 'gzip' : undefined);
    const body = given.body as Buffer;
    expect((compressed ? gunzipSync(body) : body).toString()).toBe(LONG);
    if (compressed) expect(body.length).toBeLessThan(LONG.length);
  });

  test('runs no script but its own files, is shown in no frame and asks no other host', async () => {
    const policy = header(await get('/dashboard/'), 'content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(header(await get('/dashboard/'), 'referrer-policy')).toBe('no-referrer');
  });

  test.for([
    '/dashboard/missing.js',
    '/dashboard/assets/app-abc123.js.map',
    '/dashboard/..%2fsecret.json',
    '/dashboard/%2e%2e/secret.json',
    '/dashboard/assets/..%2f..%2fsecret.json',
    '/dashboard/..%5csecret.json',
    '/dashboard//etc/passwd.txt',
    '/dashboard/%00.js',
    '/dashboard/%zz.js',
  ])('nothing else is served: %s', async (path) => {
    await expect(get(path)).rejects.toThrow(ApiError);
  });

  test('says how to build it where it is not', async () => {
    const answer = await get('/dashboard/', {}, join(root, 'nowhere'));
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('npm run build');
  });

  test('is there once it is built, without a restart', async () => {
    const later = join(root, 'later');
    expect((await get('/dashboard/', {}, later)).status).toBe(404);
    await expect(get('/dashboard/app-1.js', {}, later)).rejects.toThrow(ApiError);
    await mkdir(later);
    await writeFile(join(later, 'index.html'), '<!doctype html>');
    await writeFile(join(later, 'app-1.js'), 'export {};');
    expect((await get('/dashboard/', {}, later)).status).toBe(200);
    expect((await get('/dashboard/app-1.js', {}, later)).status).toBe(200);
  });
});
