import { z } from 'zod';
import { defineStep } from '../domain/step.ts';
import type { StepServices } from './services.ts';

export const ocrSchema = z.looseObject({
  /** The Read result: lines and words with their quads, as the service gave them. */
  ocr: z.unknown(),
  /** All lines in reading order, one a line. */
  OCR_fullText: z.string(),
});

/** Printed and handwritten text, by the Read operation. */
export const ocr = (services: Pick<StepServices, 'vision'>) =>
  defineStep({
    name: 'ocr',
    needs: [],
    schema: ocrSchema,
    summary: 'Reads printed and handwritten text.',
    service: 'Computer Vision',
    run: async ({ image, signal }) => {
      const { analyzeResult } = await services.vision().computerVision.read(await image.bytes(), signal);
      const lines = (analyzeResult?.readResults ?? []).flatMap((page) => page.lines ?? []);
      return { ocr: analyzeResult, OCR_fullText: lines.map((line) => line.text).join('\n') };
    },
  });
