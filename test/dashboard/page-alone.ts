import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Page, Route } from 'playwright-core';
import type { Live, Me } from '../../src/api/contract.ts';
import { PAGE_ROOT, routes } from '../../src/api/routes.ts';
import { projectRoot } from '../support/project-root.ts';
import { type Browser, openBrowser } from './chromium.ts';

/** What the page asks for. */
export interface Asked {
  /** `GET /api/me`: method and path, without the query. */
  what: string;
  query: URLSearchParams;
  body: unknown;
}

/** A problem with a code of its own, for an answer. */
export class Refused {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    this.status = status;
    this.code = code;
  }
}

/**
 * Gives the answer; `undefined` is an empty one, a number is a status with a problem, a text is what somebody else has answered,
 * and a promise may keep it waiting.
 */
type Answers = (asked: Asked) => unknown;

export interface PageAlone {
  page: Page;
  /** What was asked for, in order, but for what is asked all the time. */
  asked: Asked[];
  /** Of `api/live`: another stamp has lists read again. */
  live: Live;
  /** Whether nobody knows who looks at the page: `api/me` answers 503. */
  isNobody: boolean;
  /** Whether the line is down without saying so: `api/live` and `api/me` are not answered at all. */
  isSilent: boolean;
  /** What was asked while it was down, and never has an answer: the paths. */
  unanswered: string[];
  /** How often it was asked who looks at the page, since it was opened. */
  asksWho: number;
  /** Has whoever looks at the page be somebody else from now on. */
  become(who: Partial<Me>): void;
  /** Has the page see that something was written. */
  written(): Promise<void>;
  /** Opens a view as for the first time, over these answers. */
  open(hash: string, answers: Answers, me?: Partial<Me>): Promise<void>;
  close(): Promise<void>;
}

const ORIGIN = 'http://imaginem.test';
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/**
 * The built page in a browser, over answers that a test gives: for what a server does not do on demand, as to answer late, in
 * another order, or after somebody else has changed things. No server is started.
 */
export async function openPageAlone(executablePath: string): Promise<PageAlone> {
  const browser: Browser = await openBrowser(executablePath);
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  page.setDefaultTimeout(15_000);
  let answers: Answers = () => 404;
  let me: Me = { name: 'anna', role: 'administrator', local: true };
  const alone: PageAlone = {
    page,
    asked: [],
    isNobody: false,
    isSilent: false,
    unanswered: [],
    asksWho: 0,
    become: (who) => {
      me = { ...me, ...who };
    },
    written: async () => {
      alone.live.toReview += 1;
      alone.live.stamp = `written ${alone.live.toReview}`;
      // It looks at once, as one does who comes back to it.
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      const badge = page.locator('nav .badge [aria-hidden]');
      await badge.getByText(String(alone.live.toReview), { exact: true }).waitFor();
    },
    live: {
      ...{ stamp: '1', images: 0, byStatus: {}, faces: 0, latest: null, toReview: 0, secondLooks: 0 },
      ...{ queues: [], halts: [], deadLetters: { count: 0, latest: null } },
    },
    open: async (hash, given, who = {}) => {
      // Another document, or the page would only go to another view; what the one before asked for is not answered by these.
      await page.goto('about:blank');
      answers = given;
      me = { ...me, ...who };
      alone.asksWho = 0;
      alone.asked.length = 0;
      alone.unanswered.length = 0;
      await page.goto(`${ORIGIN}${PAGE_ROOT}${hash}`);
    },
    close: () => browser.close(),
  };
  const answer = async (route: Route) => {
    const request = route.request();
    const { pathname, searchParams } = new URL(request.url());
    if (alone.isSilent && [routes.me, routes.live].includes(pathname)) {
      alone.unanswered.push(pathname);
      return;
    }
    if (pathname === routes.me) {
      alone.asksWho += 1;
      return alone.isNobody ? route.fulfill({ status: 503 }) : route.fulfill({ json: me });
    }
    if (pathname === routes.live) return route.fulfill({ json: alone.live });
    const text = request.postData();
    const json = request.headers()['content-type']?.includes('json');
    const asked = {
      what: `${request.method()} ${pathname}`,
      query: searchParams,
      body: json && text !== null ? JSON.parse(text) : text,
    };
    alone.asked.push(asked);
    const given = await answers(asked);
    const refused = typeof given === 'number' ? new Refused(given, 'Refused') : given;
    if (refused instanceof Refused) {
      const { status, code } = refused;
      const problem = { type: 'about:blank', title: 'No', status, code, detail: `${code}: ${status}` };
      return route.fulfill({ status, json: problem });
    }
    if (typeof given === 'string') return route.fulfill({ body: given, contentType: 'text/html' });
    return given === undefined ? route.fulfill({ body: '' }) : route.fulfill({ json: given });
  };
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    // One that was given up while it waited takes no answer any more.
    if (pathname.startsWith('/api/')) return answer(route).catch(() => {});
    const file = pathname === PAGE_ROOT ? 'index.html' : pathname.slice(PAGE_ROOT.length);
    const body = await readFile(join(projectRoot, 'dist', 'dashboard', file)).catch(() => undefined);
    if (body === undefined) return route.fulfill({ status: 404 });
    return route.fulfill({ body, contentType: TYPES[extname(file)] ?? 'application/octet-stream' });
  });
  return alone;
}
