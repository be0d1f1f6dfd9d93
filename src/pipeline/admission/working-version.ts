import type { ImageSource } from '../../domain/job.ts';
import { containers } from '../../storage/names.ts';

/** What names a working image among contents that are kept: a rendition's name is that of the version it was made of. */
export const workingVersion = ({ container, name, etag }: ImageSource, rendition?: string): string =>
  rendition === undefined ? `${container}/${name} ${etag}` : `${containers.renditions}/${rendition}`;
