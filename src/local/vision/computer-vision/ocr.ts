import type { AnalyzedLine, AnalyzedText, Box, ImageInfo, Point } from '../analysis.ts';
import { ServiceError, visionErrors } from '../errors.ts';
import { boundsOf, rotate, union } from '../geometry.ts';
import { parseBoolean } from '../http/query.ts';
import { type EngineRequest, ok, type Reply, type Route } from '../http/router.ts';
import type { EngineSettings } from '../options.ts';
import { MODEL_VERSION, readVisionImage } from './image.ts';
import { languageOf, readText } from './image-text.ts';
import { requireReadableLanguage } from './languages.ts';

export function ocrRoutes(settings: EngineSettings): Route[] {
  return [
    {
      method: 'POST',
      path: '/vision/v3.2/ocr',
      handle: (request) => ocr(request, settings).catch((error: unknown) => flatten(error, request)),
    },
  ];
}

async function ocr(request: EngineRequest, settings: EngineSettings): Promise<Reply> {
  const detectOrientation = parseBoolean(request.query.get('detectOrientation'), true);
  if (detectOrientation === undefined)
    throw visionErrors.badArgument('The detectOrientation parameter is not valid.');
  const language = requireReadableLanguage(request.query.get('language') || 'unk');
  const image = await readVisionImage(request, settings);
  const text = await readText(settings, image, false);
  return ok({
    language: language === 'unk' ? (languageOf(text) ?? language) : language,
    ...describePage(text, image.info, detectOrientation),
    modelVersion: MODEL_VERSION,
  });
}

/** This operation alone answers its own errors, not the gateway's, flat: `{ code, message, requestId }`. */
function flatten(error: unknown, request: EngineRequest): Reply {
  if (!(error instanceof ServiceError) || error.status === 429) throw error;
  const { code, message } = error.body.error.innererror ?? error.body.error;
  return { status: error.status, body: { code, message, requestId: request.requestId } };
}

/**
 * Regions, lines and words. Boxes are in the coordinates of the image after it has been turned around its centre by
 * `textAngle` (radians, clockwise), which makes the lines horizontal or vertical.
 */
export function describePage(text: AnalyzedText, info: ImageInfo, detectOrientation: boolean) {
  const found = detectOrientation && text.lines.length > 0;
  const { orientation, correction } = found
    ? orient(text.angle)
    : { orientation: 'NotDetected', correction: 0 };
  const centre = { x: info.width / 2, y: info.height / 2 };
  const box = (quad: readonly Point[]) => boundsOf(quad.map((point) => rotate(point, centre, correction)));
  const lines = text.lines.map((line) => ({ line, box: box(line.quad) }));
  return {
    textAngle: (correction * Math.PI) / 180,
    orientation,
    regions: toRegions(lines).map((region) => ({
      boundingBox: toText(union(region.map((member) => member.box))),
      lines: region.map((member) => ({
        boundingBox: toText(member.box),
        words: member.line.words.map((word) => ({ boundingBox: toText(box(word.quad)), text: word.text })),
      })),
    })),
  };
}

/**
 * @param angle degrees clockwise by which the text is turned
 * @returns which way the top of the text faces, and the degrees clockwise that bring it to the nearest right angle
 */
export function orient(angle: number): { orientation: string; correction: number } {
  const quarter = Math.round(angle / 90);
  const names = ['Up', 'Right', 'Down', 'Left'];
  // `+ 0` turns the negative zero of an upright page into zero.
  return { orientation: names[((quarter % 4) + 4) % 4] ?? 'Up', correction: quarter * 90 - angle + 0 };
}

interface PlacedLine {
  line: AnalyzedLine;
  box: Box;
}

/** Lines in reading order that follow closely upon each other, one below or beside the other, form a region. */
function toRegions(lines: PlacedLine[]): PlacedLine[][] {
  const regions: PlacedLine[][] = [];
  for (const line of lines) {
    const region = regions.at(-1);
    const before = region?.at(-1);
    if (region && before && isNear(before.box, line.box)) region.push(line);
    else regions.push([line]);
  }
  return regions;
}

function isNear(a: Box, b: Box): boolean {
  const reach = 1.5 * Math.min(Math.min(a.width, a.height), Math.min(b.width, b.height));
  const gapX = Math.max(a.left, b.left) - Math.min(a.left + a.width, b.left + b.width);
  const gapY = Math.max(a.top, b.top) - Math.min(a.top + a.height, b.top + b.height);
  return gapX <= reach && gapY <= reach;
}

/** `x,y,w,h` in whole pixels. */
function toText({ left, top, width, height }: Box): string {
  return [left, top, width, height].map(Math.round).join(',');
}
