import type { PipelineInUse } from '../pipeline-in-use.ts';
import { count } from './count.ts';
import { countedAt } from './counted-at.ts';
import { printable } from './printable.ts';
import { table } from './table.ts';

const EDITING =
  'PIPELINE_DEFINITION may be edited at any time. New images take the new one; images under way finish on the pipeline they began with. To take a finished image through new steps, rerun it.';

const ASSUMED =
  'PIPELINE_DEFINITION is not set in this environment, so this is the default. What the deployed app has, its function api/pipeline/resolve tells (GET).';

/** @param options.assumed whether the definition is only the default, for nothing here says what the app has */
export function pipelineText(
  { definition, steps, under_way: underWay, counted_at: counted }: PipelineInUse,
  { assumed = false, width, now = Date.now() }: { assumed?: boolean; width?: number; now?: number } = {},
): string {
  const rows = steps.map(({ name, needs, summary }) => {
    const place = definition.indexOf(name);
    return [place < 0 ? '' : String(place + 1), name, needs.join(', '), summary];
  });
  const ways = underWay.map(
    ({ pipeline, images, current }) =>
      `  ${count(images, 'image')} on ${current ? 'this pipeline' : printable(pipeline.join(','))}`,
  );
  return [
    `New images go through:\n  ${definition.join(',')}${assumed ? `\n\n${ASSUMED}` : ''}`,
    table(['', 'Step', 'Needs', 'What it does'], rows, width),
    `${ways.length === 0 ? 'No images are under way' : 'Under way'}${counted ? `, as counted at ${countedAt(counted, now)}` : ''}${ways.length === 0 ? '.' : `:\n${ways.join('\n')}`}`,
    EDITING,
  ].join('\n\n');
}
