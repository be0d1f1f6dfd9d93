import type { AnalyzedText, ImageInfo, Point } from '../analysis.ts';
import { visionErrors } from '../errors.ts';
import { isUuid } from '../http/query.ts';
import { type EngineRequest, ok, type Reply, type Route } from '../http/router.ts';
import { scriptCode } from '../models/language-data.ts';
import type { EngineSettings } from '../options.ts';
import type { ReadOperations } from '../store/read-operations.ts';
import { round } from './concepts.ts';
import { MODEL_VERSION, readVisionImage, type VisionImage } from './image.ts';
import { languageOf, readText } from './image-text.ts';
import { requireReadableLanguage } from './languages.ts';

const RESULTS = '/vision/v3.2/read/analyzeResults';

export interface ReadContext {
  settings: EngineSettings;
  operations: ReadOperations;
  /** Work that goes on after its call was answered; the engine waits for it before it closes. */
  pending: Set<Promise<void>>;
}

export function readRoutes(context: ReadContext): Route[] {
  return [
    { method: 'POST', path: '/vision/v3.2/read/analyze', handle: (request) => submit(request, context) },
    { method: 'GET', path: `${RESULTS}/{operationId}`, handle: (request) => result(request, context) },
  ];
}

async function submit(request: EngineRequest, context: ReadContext): Promise<Reply> {
  const { settings, operations, pending } = context;
  const language = request.query.get('language');
  if (language) requireReadableLanguage(language);
  const order = request.query.get('readingOrder') || 'basic';
  if (order !== 'basic' && order !== 'natural')
    throw visionErrors.badArgument('The readingOrder parameter is not valid.');
  const image = await readVisionImage(request, settings, settings.limits.readMaxBytes);
  const id = settings.newId();
  operations.start(id);
  // Who names a page wants it whole; who sends a photograph wants to know what it says.
  const aPage = Boolean(request.query.get('pages'));
  const endTurn = request.turn.keep();
  const work = read(id, image, { language, aPage }, context).finally(() => {
    endTurn();
    pending.delete(work);
  });
  pending.add(work);
  return { status: 202, headers: { 'operation-location': `${request.origin}${RESULTS}/${id}` } };
}

async function read(
  id: string,
  image: VisionImage,
  { language, aPage }: { language: string | null; aPage: boolean },
  { settings, operations }: ReadContext,
): Promise<void> {
  try {
    operations.move(id, 'running');
    const text = await readText(settings, image, aPage);
    operations.move(id, 'succeeded', JSON.stringify(toAnalyzeResult(text, image.info, language)));
  } catch (error) {
    settings.log.error('read.failed', { id, error: error instanceof Error ? error.name : 'unknown' });
    operations.move(id, 'failed');
  }
}

function result(request: EngineRequest, { operations }: ReadContext): Reply {
  const id = request.params.operationId;
  const operation = isUuid(id) ? operations.find(id) : undefined;
  if (!operation) throw visionErrors.operationNotFound();
  return ok({
    status: operation.status,
    createdDateTime: new Date(operation.created).toISOString(),
    lastUpdatedDateTime: new Date(operation.updated).toISOString(),
    ...(operation.result === null ? {} : { analyzeResult: JSON.parse(operation.result) as unknown }),
  });
}

/**
 * One page per image. The style of the writing is unknown here, so `appearance` is left out. What was found and not
 * read stands beside the lines, as the service's answer has no place for it: `language` is BCP 47's `und` with the
 * script, where that is known.
 */
function toAnalyzeResult(text: AnalyzedText, info: ImageInfo, language: string | null) {
  const pageLanguage = languageOf(text);
  const unread = text.unread ?? [];
  return {
    version: '3.2.0',
    modelVersion: MODEL_VERSION,
    readResults: [
      {
        page: 1,
        ...withLanguage(language || pageLanguage),
        angle: round(text.angle),
        width: info.width,
        height: info.height,
        unit: 'pixel',
        lines: text.lines.map((line) => ({
          boundingBox: toCorners(line.quad),
          text: line.text,
          ...withLanguage(line.language === (language || pageLanguage) ? undefined : line.language),
          words: line.words.map((word) => ({
            boundingBox: toCorners(word.quad),
            text: word.text,
            confidence: round(word.confidence),
          })),
        })),
        ...(unread.length > 0 && {
          unreadLines: unread.map(({ quad, script }) => ({
            boundingBox: toCorners(quad),
            language: script === undefined ? 'und' : `und-${scriptCode(script)}`,
            ...(script !== undefined && { script }),
          })),
        }),
      },
    ],
  };
}

function withLanguage(language: string | undefined): { language?: string } {
  return language ? { language } : {};
}

/** x and y of the four corners, clockwise from the text's own top left, whole pixels. */
function toCorners(quad: readonly Point[]): number[] {
  return quad.flatMap(({ x, y }) => [Math.round(x), Math.round(y)]);
}
