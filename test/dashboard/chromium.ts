import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const runnable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const installed = (): string | undefined =>
  [
    process.env.CHROMIUM_PATH ?? '',
    ...(process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))),
    ...PLACES,
    chromium.executablePath(),
  ].find((file) => file !== '' && runnable(file));

/** Debian's package, where this process may install it. */
function install(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !runnable('/usr/bin/apt-get')) return;
  const options = {
    stdio: 'ignore',
    timeout: 300_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const;
  try {
    execFileSync('apt-get', ['update'], options);
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options);
  } catch {
    // No network, no such package: the tests say that they are skipped.
  }
}

/**
 * The system's Chromium (`CHROMIUM_PATH`, `PATH`), Playwright's, or Debian's, installed where this process is root.
 *
 * @returns undefined, having said why, where none can be had
 * @throws instead when `REQUIRE_CHROMIUM=1`
 */
export function findChromium(): string | undefined {
  let found = installed();
  if (found === undefined) {
    install();
    found = installed();
  }
  if (found !== undefined) return found;
  const why = 'No Chromium: install it (`apt-get install chromium`) or name one in CHROMIUM_PATH.';
  if (process.env.REQUIRE_CHROMIUM === '1') throw new Error(why);
  console.warn(`${why} The tests of the dashboard are skipped.`);
  return undefined;
}

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
];

export interface Browser {
  context: BrowserContext;
  close(): Promise<void>;
}

/** A headless browser with an empty profile of its own. @param flags beside those that all have */
export async function openBrowser(executablePath: string, flags: readonly string[] = []): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'imaginem-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [...FLAGS, ...flags],
    viewport: { width: 1280, height: 860 },
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
