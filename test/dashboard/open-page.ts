import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { PAGE_ROOT } from '../../src/api/routes.ts';
import { projectRoot } from '../support/project-root.ts';
import { type Child, openStack, type Stack, startEngine } from '../support/stack.ts';
import { openBrowser } from './chromium.ts';

export interface Dashboard {
  page: Page;
  stack: Stack;
  /** Of the host, without a slash at its end. */
  origin: string;
  /** What the page's own script or policy complained of, and other hosts that were asked. */
  complaints: string[];
  goTo(hash: string): Promise<void>;
  api<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

/** Where a host answers, without a slash at its end. @throws with its output where it ends before */
export async function originOf(host: Child): Promise<string> {
  const ready = await Promise.race([
    once(host.process, 'message'),
    once(host.process, 'exit').then(() => {
      throw new Error(`The host ended before it was ready:\n${host.output()}`);
    }),
  ]);
  return new URL((ready[0] as { url: string }).url).origin;
}

/**
 * Emulator, engine with its models, host with the functions as built, and a browser: nothing is a stand-in.
 *
 * @param settings of the app, beside those of every test
 */
export async function openDashboard(
  executablePath: string,
  settings: Record<string, string> = {},
): Promise<Dashboard> {
  const data = await mkdtemp(join(tmpdir(), 'imaginem-engine-'));
  const engine = await startEngine(['--data', data]);
  const stack = await openStack(engine.url, { FACE_LIST_PREFIX: 'page', ...settings });
  const origin = await originOf(stack.spawnHost());
  const browser = await openBrowser(executablePath);
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Minified React error/.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (protocol.startsWith('http') && asked !== origin) complaints.push(`${asked} was asked.`);
  });
  return {
    page,
    stack,
    origin,
    complaints,
    goTo: async (hash) => {
      await page.goto(`${origin}${PAGE_ROOT}${hash}`);
    },
    api: async <T>(path: string) => (await (await fetch(`${origin}${path}`)).json()) as T,
    stop: async () => {
      await browser.close();
      await stack.stop();
      await engine.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/**
 * A screenshot for people to look at, under test-output/; with UPDATE_SCREENSHOTS=1 also the README's, as WebP.
 * The pictures on it must be of samples/ only.
 */
export async function picture(page: Page, name: string, inReadme = false): Promise<void> {
  const folder = join(projectRoot, 'test-output', 'dashboard');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled' });
  if (!inReadme || process.env.UPDATE_SCREENSHOTS !== '1') return;
  const docs = join(projectRoot, 'docs', 'screenshots');
  mkdirSync(docs, { recursive: true });
  await sharp(path)
    .webp({ quality: 80, effort: 6 })
    .toFile(join(docs, `${name}.webp`));
}

/** Waits until every picture in the window has been drawn or has failed. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.images].every((image) => image.complete || image.closest('[hidden]') !== null),
  );
  // What has come is not drawn before it is decoded, and that takes a frame more.
  await page.evaluate(async () => {
    const there = [...document.images].filter((image) => image.complete && image.naturalWidth > 0);
    await Promise.allSettled(there.map((image) => image.decode()));
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  });
}

/** Drops a folder (or a file) on an element, as a person drags it there from the desktop. */
export async function dropFolder(page: Page, selector: string, path: string): Promise<void> {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`There is no ${selector} to drop on.`);
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x, y, data });
  }
  await devtools.detach();
}
