import { seriousFindings } from './axe.ts';
import { type Dashboard, picture, settled } from './open-page.ts';

/** How a view is looked at. */
interface Look {
  name: string;
  theme: 'light' | 'dark';
  /** CSS pixels: 640 is 1280 at 200 % zoom, 320 at 400 %, as browsers and WCAG 1.4.10 count. */
  width: number;
  direction: 'ltr' | 'rtl';
}

const LOOKS: readonly Look[] = [
  { name: 'light-1280', theme: 'light', width: 1280, direction: 'ltr' },
  { name: 'light-360', theme: 'light', width: 360, direction: 'ltr' },
  { name: 'dark-1280', theme: 'dark', width: 1280, direction: 'ltr' },
  { name: 'dark-360', theme: 'dark', width: 360, direction: 'ltr' },
  { name: 'rtl-1280', theme: 'light', width: 1280, direction: 'rtl' },
  { name: 'rtl-360', theme: 'dark', width: 360, direction: 'rtl' },
  { name: 'zoom-200', theme: 'light', width: 640, direction: 'ltr' },
  { name: 'zoom-400', theme: 'light', width: 320, direction: 'ltr' },
];

/**
 * Looks at each view in both themes, on a screen and a phone, mirrored and enlarged, and leaves a screenshot of each.
 *
 * @param inReadme names of screenshots
 * @returns what axe calls serious, and what is wider than the window
 */
export async function lookAtEveryView(
  { page, goTo }: Dashboard,
  views: Readonly<Record<string, string>>,
  inReadme: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  for (const { name, theme, width, direction } of LOOKS) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate((dir) => {
      document.documentElement.dir = dir;
    }, direction);
    for (const [view, hash] of Object.entries(views)) {
      await goTo(hash);
      await page.locator('.view h1').waitFor();
      await page.waitForFunction(() => document.querySelector('.spinner, .skeleton') === null);
      await page.evaluate(() => window.scrollTo(0, 0));
      await settled(page);
      const shown = `${view}-${name}`;
      await picture(page, shown, inReadme.includes(shown));
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overflow > 0) found.push(`${shown}: ${overflow} pixels too wide`);
      // Zoom and direction change no colour, name or role.
      if (direction === 'rtl' || name.startsWith('zoom')) continue;
      found.push(...(await seriousFindings(page)).map((finding) => `${shown}: ${finding}`));
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.evaluate(() => {
    document.documentElement.dir = 'ltr';
  });
  return found;
}
