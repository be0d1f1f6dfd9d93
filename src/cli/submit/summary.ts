import type { StoredImage } from '../../results/rows.ts';
import { EXIT } from '../errors.ts';
import type { StepWords } from '../format/added-outputs.ts';
import { count } from '../format/count.ts';
import { imageTable } from '../format/image-table.ts';

/** What a submission came to: a table, a sentence, and the exit code that says whether every image is done. */
export function summary(
  images: readonly StoredImage[],
  submitted: number,
  wordsOf?: (step: string) => StepWords | undefined,
): { text: string; exitCode: number } {
  const byStatus = new Map<string, number>();
  for (const { status } of images) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  const missing = submitted - images.length;
  if (missing > 0) byStatus.set('without a row yet', missing);
  const parts = [...byStatus].map(([status, number]) => `${number} ${status}`);
  const sentence = `${count(submitted, 'image')}: ${parts.join(', ')}.`;
  const allDone = byStatus.get('done') === submitted;
  return {
    text: images.length === 0 ? sentence : `${imageTable(images, wordsOf)}\n${sentence}`,
    exitCode: allDone ? EXIT.ok : EXIT.failed,
  };
}
