import { z } from 'zod';
import { reason } from './errors.ts';

/**
 * Something that was done, but not wholly: the image counts as done, and its row says what a person should know. Code
 * is stable and PascalCase, message is a sentence that says what was and what was not looked at, and what to do.
 */
export interface Warning {
  code: string;
  message: string;
}

const warning = z.object({
  code: z.string().regex(/^[A-Z]\w{0,127}$/),
  message: z.string().min(1).max(1000),
});

/** `warnings` as a step puts it into its output, beside what it found. */
export const warningsSchema = z.array(warning).max(50);

const withWarnings = z.looseObject({ warnings: warningsSchema });

/** What stands in the place of an output that was stored apart and is gone. */
const isLost = z.object({ unavailable: z.object({ code: z.literal('LinkedContentMissing') }) });

/** What the outputs of a job's steps warn of, in the order of the steps; of one code and sentence once. */
export function warningsOf(
  admission: readonly Warning[] | undefined,
  outputs: Readonly<Record<string, unknown>>,
): Warning[] {
  const found = new Map<string, Warning>();
  const lost = Object.entries(outputs)
    .filter(([, output]) => isLost.safeParse(output).success)
    .map(([step]) =>
      reason(
        'OutputLost',
        `What the step ${step} put out was stored apart and is no longer there. Run "imaginem rerun --step ${step} --all" for this image.`,
      ),
    );
  const said = Object.values(outputs).flatMap((output) => {
    const parsed = withWarnings.safeParse(output);
    return parsed.success ? parsed.data.warnings : [];
  });
  for (const { code, message } of [...(admission ?? []), ...said, ...lost]) {
    found.set(`${code}\n${message}`, { code, message });
  }
  return [...found.values()];
}
