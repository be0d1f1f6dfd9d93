import type { Clock, Log } from '../../domain/ports.ts';
import type { Face } from '../face.ts';
import type { FaceLists } from '../face-lists.ts';
import type { FaceIndex } from './face-index.ts';
import type { ListRegistry, Tier } from './list-registry.ts';

/** What the parts of the gallery work with. */
export interface GalleryParts {
  face: Face;
  lists: Record<Tier, FaceLists>;
  index: FaceIndex;
  registry: ListRegistry;
  clock: Clock;
  log: Log;
  /** Confidence from which a candidate is a match. */
  threshold: number;
  /** Fresh faces above which the oldest move on. */
  freshLimit: number;
}
