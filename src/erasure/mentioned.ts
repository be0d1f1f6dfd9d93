import { idsIn, withoutImages } from '../domain/mentions.ts';
import { toSafeJson } from '../pipeline/message/codec.ts';
import { containers, tables } from '../storage/names.ts';
import type { PlaceDeps } from './place.ts';

/** Where other images may say something of an erased one, as receipts name it. */
export const JOURNAL = `table:${tables.journal}, of other images`;
export const LARGE = `blob:${containers.largeMessages}, of other images`;
export const RESULTS = 'sql:pipeline_output, of other images';

/** The steps whose outputs name other images. */
export const mentioningSteps = ({ registry }: Pick<PlaceDeps, 'registry'>): string[] =>
  registry.names.filter((name) => registry.get(name)?.mentions);

/** Those of the images that an output names. */
export const namedIn = (value: unknown, ids: ReadonlySet<string>): string[] =>
  [...idsIn(value)].filter((id) => ids.has(id));

export const says = (value: unknown, ids: ReadonlySet<string>): boolean => namedIn(value, ids).length > 0;

/** The step whose output a blob of `largemessages` is. */
export const stepOf = (blob: string): string => /^[a-z0-9]+/.exec(blob.split('/')[1] ?? '')?.[0] ?? '';

/** Takes the images out of an output that is kept apart: in place, for the name is what others know it by. */
export async function rewriteOutput(
  { storage: { blobs }, claimCheck }: Pick<PlaceDeps, 'storage' | 'claimCheck'>,
  name: string,
  ids: ReadonlySet<string>,
): Promise<void> {
  const output = await claimCheck.resolveOr({ linked_content: name }, undefined);
  if (output === undefined) return;
  const bytes = Buffer.from(toSafeJson(withoutImages(output, ids)));
  await blobs.write(containers.largeMessages, name, bytes, 'application/json');
}
