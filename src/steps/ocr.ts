import { z } from 'zod';
import { reason } from '../domain/errors.ts';
import { defineStep } from '../domain/step.ts';
import { type Warning, warningsSchema } from '../domain/warning.ts';
import type { StepServices } from './services.ts';

export const ocrSchema = z.looseObject({
  /** The Read result: lines and words with their quads, as the service gave them. */
  ocr: z.unknown(),
  /** All lines in reading order, one a line. */
  OCR_fullText: z.string(),
  /** What was found and not read. */
  warnings: warningsSchema.optional(),
});

/** The vision engine of one machine tells what it found and cannot read; the service's own answer has no such list. */
const pageSchema = z.looseObject({
  unreadLines: z.array(z.looseObject({ script: z.string().max(40).optional() })).optional(),
});

/** Printed and handwritten text, by the Read operation. */
export const ocr = (services: Pick<StepServices, 'vision'>) =>
  defineStep({
    name: 'ocr',
    needs: [],
    schema: ocrSchema,
    title: 'Text',
    summary: 'Reads printed and handwritten text.',
    service: 'Computer Vision',
    run: async ({ image, signal }) => {
      const { analyzeResult } = await services.vision().computerVision.read(await image.bytes(), signal);
      const pages = analyzeResult?.readResults ?? [];
      const text = pages.flatMap((page) => (page.lines ?? []).map((line) => line.text)).join('\n');
      const warnings = unreadWarnings(pages);
      return { ocr: analyzeResult, OCR_fullText: text, ...(warnings.length > 0 && { warnings }) };
    },
  });

function unreadWarnings(pages: readonly unknown[]): Warning[] {
  const unread = pages.flatMap((page) => {
    const parsed = pageSchema.safeParse(page);
    return parsed.success ? (parsed.data.unreadLines ?? []) : [];
  });
  if (unread.length === 0) return [];
  const scripts = [...new Set(unread.flatMap(({ script }) => script ?? []))];
  const lines = unread.length === 1 ? 'One line' : `${unread.length} lines`;
  const which =
    scripts.length > 0 ? `${scripts.join(' and ')} script` : 'a script that the engine does not know';
  return [
    reason(
      'ScriptNotRead',
      `${lines} in ${which} ${unread.length === 1 ? 'was' : 'were'} found and not read: no reading is better than a false one. "imaginem doctor" lists what this machine reads and how to add a script.`,
    ),
  ];
}
