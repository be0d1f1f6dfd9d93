import { SERVICE_LIMITS } from './rendition-rules.ts';

/** Pixels between two pages, so that no line of the one is read on in the other. */
const GAP = 24;
/** Of several pages each is brought down to this longer side: 300 lines of A4 at 210 dots per inch. */
const LONGEST = 2500;

/** Where a page stands in the working image, in pixels. */
interface PlacedPage {
  top: number;
  width: number;
  height: number;
}

interface PageStack {
  pages: PlacedPage[];
  width: number;
  height: number;
}

/**
 * Puts pages under one another, so that one working image shows them all and every coordinate is one of that image. Ends
 * before the page that would reach beyond what the services take; the first always has its place.
 *
 * @param sizes of the upright pages, in pixels
 */
export function stackPages(sizes: readonly { width: number; height: number }[]): PageStack {
  const pages: PlacedPage[] = [];
  let height = 0;
  for (const size of sizes) {
    const scale = Math.min(1, LONGEST / Math.max(size.width, size.height));
    const side = (pixels: number) => Math.max(1, Math.round(pixels * scale));
    const page = { top: height === 0 ? 0 : height + GAP, width: side(size.width), height: side(size.height) };
    if (page.top + page.height > SERVICE_LIMITS.side) break;
    pages.push(page);
    height = page.top + page.height;
  }
  return { pages, width: Math.max(...pages.map(({ width }) => width)), height };
}
