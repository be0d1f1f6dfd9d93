import type { Analysis, AnalysisPart } from '../analysis.ts';
import { visionErrors } from '../errors.ts';
import { detectable } from '../face/faces.ts';
import { toPixels } from '../geometry.ts';
import { parseInteger, parseNames } from '../http/query.ts';
import { type EngineRequest, ok, type Reply, type Route } from '../http/router.ts';
import { analyzeImage } from '../image-input.ts';
import type { EngineSettings } from '../options.ts';
import { toCaptions } from './caption.ts';
import { round, toCategories, toTags } from './concepts.ts';
import { describeImage, readVisionImage, type VisionImage } from './image.ts';

const FEATURES = [
  'Categories',
  'Tags',
  'Description',
  'Faces',
  'Objects',
  'Color',
  'ImageType',
  'Adult',
  'Brands',
] as const;
type Feature = (typeof FEATURES)[number];

/** ImageType (clip art) and Brands: no model here knows them, so they are left out of the answer. */
const PARTS: Record<Feature, readonly AnalysisPart[]> = {
  Categories: ['faces', 'objects', 'text', 'colour'],
  Tags: ['faces', 'objects', 'text', 'colour'],
  Description: ['faces', 'objects', 'text', 'colour'],
  Faces: ['faces'],
  Objects: ['objects'],
  Color: ['colour'],
  ImageType: [],
  Adult: ['adult'],
  Brands: [],
};

/** Above this score the hint becomes a yes, as in the service. */
const ADULT_THRESHOLD = 0.5;

export function analyzeRoutes(settings: EngineSettings): Route[] {
  const route = (path: string, handle: (request: EngineRequest) => Promise<Reply>): Route => ({
    method: 'POST',
    path: `/vision/v3.2/${path}`,
    handle,
  });
  return [
    route('analyze', (request) => analyze(request, parseFeatures(request.query), settings)),
    route('tag', (request) => analyze(request, ['Tags'], settings)),
    route('detect', (request) => analyze(request, ['Objects'], settings)),
    route('describe', (request) => {
      if (parseInteger(request.query.get('maxCandidates'), 1, 1, 10) === undefined)
        throw visionErrors.badArgument('The maxCandidates parameter is not valid.');
      return analyze(request, ['Description'], settings);
    }),
  ];
}

async function analyze(
  request: EngineRequest,
  features: readonly Feature[],
  settings: EngineSettings,
): Promise<Reply> {
  requireEnglish(request.query);
  const image = await readVisionImage(request, settings);
  const seen = await look(image, features, settings);
  const findings = Object.assign({}, ...features.map((feature) => describeFeature(feature, seen)));
  return ok({ ...findings, ...describeImage(request, image) });
}

async function look(
  image: VisionImage,
  features: readonly Feature[],
  settings: EngineSettings,
): Promise<Analysis> {
  const parts = [...new Set<AnalysisPart>(['info', ...features.flatMap((feature) => PARTS[feature])])];
  const seen = await analyzeImage(settings.analyzer, image.bytes, parts, image.rules);
  return seen.faces ? { ...seen, faces: detectable(seen.faces, image.info) } : seen;
}

function describeFeature(feature: Feature, seen: Analysis): Record<string, unknown> {
  switch (feature) {
    case 'Categories':
      return { categories: toCategories(seen) };
    case 'Tags':
      return { tags: toTags(seen) };
    case 'Description':
      return { description: { tags: toTags(seen).map(({ name }) => name), captions: toCaptions(seen) } };
    case 'Faces':
      // Age and gender are retired attributes of the service and are not guessed here.
      return { faces: seen.faces.map(({ box }) => ({ faceRectangle: toPixels(box, seen.info) })) };
    case 'Objects':
      return { objects: seen.objects.map((object) => describeObject(object, seen)) };
    case 'Color':
      return { color: describeColour(seen) };
    case 'Adult':
      return { adult: describeAdult(seen) };
    default:
      return {};
  }
}

function describeObject({ box, label, score }: Analysis['objects'][number], { info }: Analysis) {
  const { left, top, width, height } = toPixels(box, info);
  return { rectangle: { x: left, y: top, w: width, h: height }, object: label, confidence: round(score) };
}

function describeColour({ colour }: Analysis) {
  return {
    dominantColorForeground: colour.dominantForeground,
    dominantColorBackground: colour.dominantBackground,
    dominantColors: colour.dominant,
    accentColor: colour.accent,
    isBWImg: colour.blackAndWhite,
  };
}

/** Gore is unknown here and left out. */
function describeAdult({ adult }: Analysis) {
  return {
    isAdultContent: adult.adult > ADULT_THRESHOLD,
    isRacyContent: adult.racy > ADULT_THRESHOLD,
    adultScore: round(adult.adult),
    racyScore: round(adult.racy),
  };
}

/** Categories is what the service answers when nothing is asked for. */
function parseFeatures(query: URLSearchParams): Feature[] {
  const { names, unknown } = parseNames(query.get('visualFeatures'), FEATURES);
  if (unknown.length > 0) throw visionErrors.notSupportedVisualFeature(unknown.join(', '));
  const details = parseNames(query.get('details'), ['Celebrities', 'Landmarks']);
  if (details.unknown.length > 0) throw visionErrors.invalidDetails(details.unknown.join(', '));
  return names.length > 0 ? names : ['Categories'];
}

function requireEnglish(query: URLSearchParams): void {
  if ((query.get('language') || 'en').toLowerCase() !== 'en') throw visionErrors.notSupportedLanguage();
}
