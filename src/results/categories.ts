import { z } from 'zod';

const categorySchema = z.object({ name: z.string(), score: z.number() });

/** Categories as the analyze response has them; what is not one is left out. */
export function categoriesIn(given: unknown): { name: string; score: number }[] {
  return (Array.isArray(given) ? given : []).flatMap((one) => {
    const parsed = categorySchema.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
}
