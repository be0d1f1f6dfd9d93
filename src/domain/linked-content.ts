import { z } from 'zod';

/** Where a value too large for the message is kept: a blob name in `largemessages`, never a URL. */
const linkedContentSchema = z.strictObject({
  linked_content: z
    .string()
    .min(1)
    .max(1024)
    .refine((name) => !/^[a-z][a-z0-9+.-]*:|^\/|\\|(^|\/)\.\.?(\/|$)/i.test(name), {
      message: 'must be a blob name in the container largemessages, not a URL or a path',
    }),
});
export type LinkedContent = z.infer<typeof linkedContentSchema>;

export function isLinkedContent(value: unknown): value is LinkedContent {
  return linkedContentSchema.safeParse(value).success;
}
