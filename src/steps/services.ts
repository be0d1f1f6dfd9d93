import type { Clock } from '../domain/ports.ts';
import type { KeepSuggestionsOfJob } from '../domain/suggestion.ts';
import type { People } from '../people/people.ts';
import type { BatchSettings } from '../pipeline/admission/batch-settings.ts';
import type { ResultStore } from '../results/store.ts';
import type { Blobs } from '../storage/blobs.ts';
import type { Tables } from '../storage/tables.ts';
import type { Telling } from '../telling/telling.ts';
import type { Gallery } from '../vision/gallery/gallery.ts';
import type { Vision } from '../vision/open.ts';

/** What the app's own steps work with besides the image; opened once, at the first use. */
export interface StepServices {
  vision(): Vision;
  gallery(): Gallery;
  results(): Promise<ResultStore>;
  people(): Promise<Pick<People, 'settle'>>;
  /** Tells others of what has just been committed. */
  readonly telling: Pick<Telling, 'nudge'>;
  /** The terms of each batch, as they stand now. */
  readonly batches: Pick<BatchSettings, 'get' | 'among'>;
  /** Takes possible matches out of the outputs of a job. */
  readonly keepSuggestions: KeepSuggestionsOfJob;
  readonly blobs: Blobs;
  readonly tables: Tables;
  readonly clock: Clock;
}
