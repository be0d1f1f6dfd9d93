import { addedOutputs, fieldAt, isObject } from '../../domain/step-output.ts';
import { printable } from './printable.ts';

/** How a step calls itself and the fields of its output, as in `defineStep`. */
export interface StepWords {
  title?: string;
  view?: Readonly<Record<string, string>>;
}

/** Fields of one output that are shown, and levels of it: `--json` has all. */
const MOST = 8;
const DEPTH = 3;

/**
 * What steps found that somebody has added, each on a line of its own: by the words that the step names for it, or as
 * it is.
 */
export function addedOutputLines(
  outputs: Readonly<Record<string, unknown>>,
  wordsOf: (step: string) => StepWords | undefined,
): string[] {
  return addedOutputs(outputs).map(([step, output]) => {
    const { title = step, view } = wordsOf(step) ?? {};
    const shown = view
      ? Object.entries(view).map(([path, words]) => `${words} ${valueText(fieldAt(output, path))}`)
      : fields(output);
    const rest = shown.length > MOST ? [`and ${shown.length - MOST} more`] : [];
    return printable(`${title}: ${[...shown.slice(0, MOST), ...rest].join(', ')}`);
  });
}

/** Every field by its path (`face.angle`), or the value itself where it has none. */
function fields(value: unknown, at: readonly string[] = []): string[] {
  const parts = isObject(value) && !Array.isArray(value) ? Object.entries(value) : [];
  if (parts.length === 0 || at.length === DEPTH) return [[at.join('.'), valueText(value)].join(' ').trim()];
  return parts.flatMap(([name, part]) => fields(part, [...at, name]));
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  if (Array.isArray(value) && value.some(isObject)) return `${value.length} entries`;
  if (Array.isArray(value)) return value.map(valueText).join(' ') || '–';
  if (isObject(value)) return Object.keys(value).length === 0 ? '–' : `${Object.keys(value).length} fields`;
  return printable(String(value));
}
