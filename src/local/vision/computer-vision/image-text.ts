import type { AnalyzedText } from '../analysis.ts';
import { analyzeImage } from '../image-input.ts';
import type { EngineSettings } from '../options.ts';
import type { VisionImage } from './image.ts';

/**
 * The text of an image.
 *
 * @param aPage whether it is a page, to be read whole, rather than a photograph, to be read if a look shows text
 */
export async function readText(
  { analyzer, readThoroughly }: EngineSettings,
  { bytes, rules }: VisionImage,
  aPage: boolean,
): Promise<AnalyzedText> {
  if (aPage || readThoroughly) return (await analyzeImage(analyzer, bytes, ['page'], rules)).page;
  return (await analyzeImage(analyzer, bytes, ['text'], rules)).text;
}

/** The language, BCP 47, that all lines are in; nothing where that is not known of every one. */
export function languageOf({ lines }: AnalyzedText): string | undefined {
  const [language, ...others] = new Set(lines.map((line) => line.language));
  return others.length === 0 ? language : undefined;
}
