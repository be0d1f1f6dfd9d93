import { Buffer } from 'node:buffer';
import sharp from 'sharp';
import type { Analysis, Analyzer } from '../../src/local/vision/analysis.ts';
import { createEngine, type Engine } from '../../src/local/vision/engine.ts';
import { faceprintOf } from '../local/vision/fake-analyzer.ts';

/**
 * The engine, over an analyzer that sees one and the same person in every picture, large and sharp: all of the
 * pipeline's calls are really made and answered, and no model is loaded.
 */
export async function startQuickEngine(): Promise<Engine> {
  const analyzer: Analyzer = {
    async analyze(bytes, parts) {
      const { width, height } = await sharp(Buffer.from(bytes)).metadata();
      const box = { left: 20, top: 20, width: 160, height: 160 };
      const face = {
        box,
        score: 0.99,
        landmarks: Array.from({ length: 68 }, (_, i) => ({ x: box.left + 2 * i, y: box.top + 2 * i })),
        faceprint: faceprintOf(1),
        pose: { roll: 0, yaw: 0, pitch: 0 },
        sharpness: 400,
        luma: 128,
        noise: 2,
        landmarkShift: 0.01,
      };
      const whole: Analysis = {
        info: { width, height, format: 'Jpeg' },
        faces: [face],
        mirroredFaces: [{ ...face, faceprint: faceprintOf(2) }],
        text: { lines: [], angle: 0 },
        page: { lines: [], angle: 0 },
        objects: [{ label: 'person', score: 0.9, box }],
        colour: {
          dominantForeground: 'Grey',
          dominantBackground: 'White',
          dominant: ['White', 'Grey'],
          accent: '5A6B7C',
          blackAndWhite: false,
        },
        adult: { adult: 0.01, racy: 0.02 },
      };
      return Object.fromEntries(parts.map((part) => [part, whole[part]])) as Pick<
        Analysis,
        (typeof parts)[number]
      >;
    },
    close: () => Promise.resolve(),
  };
  const engine = createEngine({ analyzer });
  await engine.listen();
  return engine;
}
