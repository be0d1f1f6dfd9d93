import { type FindImageDeps, type FoundImage, findImage } from '../admin/find-image.ts';
import { CliError, EXIT } from './errors.ts';
import { printable } from './format/printable.ts';

/** How every command that takes an image says so. */
export const IMAGE_ARGUMENT =
  'its name (batch/name, or the name of its file where only one has it), id or address';

export type NamedImage = Extract<FoundImage, { kind: 'image' }>;

/** The image that was named, or undefined where there is none. @throws {CliError} where several are meant */
export async function namedImage(asked: string, deps: FindImageDeps): Promise<NamedImage | NearImages> {
  const found = await findImage(asked, deps);
  if (found.kind !== 'several') return found;
  throw new CliError(
    `Several images have the file name "${printable(asked)}": say which, with its folder, such as ${found.names.map(printable).join(', ')}.`,
    EXIT.usage,
  );
}

type NearImages = Extract<FoundImage, { kind: 'nothing' }>;

/** @throws {CliError} where there is none: with what is near */
export async function requireImage(asked: string, deps: FindImageDeps): Promise<NamedImage> {
  const found = await namedImage(asked, deps);
  if (found.kind === 'image') return found;
  throw noSuchImage(asked, found);
}

/** That nothing is known of a name is no answer about an image: exit code 1, with what is near. */
function noSuchImage(asked: string, { near, partly }: NearImages): CliError {
  const meant = near.length > 0 ? ` Did you mean ${near.map(printable).join(', ')}?` : '';
  const rest = partly ? ' There are too many names to compare them all: say the folder as well.' : '';
  return new CliError(
    `There is no image "${printable(asked)}" here.${meant === '' ? ' "imaginem status" lists the batches.' : meant}${rest}`,
  );
}
