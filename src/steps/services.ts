import type { Clock } from '../domain/ports.ts';
import type { KeepSuggestionsOfJob } from '../domain/suggestion.ts';
import type { People } from '../people/people.ts';
import type { BatchSettings } from '../pipeline/admission/batch-settings.ts';
import type { ResultStore } from '../results/store.ts';
import type { Blobs } from '../storage/blobs.ts';
import type { Tables } from '../storage/tables.ts';
import type { Telling } from '../telling/telling.ts';
import type { EnrolledFaces, ModelInUse } from '../vision/gallery/galleries.ts';
import type { Vision } from '../vision/open.ts';

/** What the app's own steps work with besides the image; opened once, at the first use. */
export interface StepServices {
  vision(): Vision;
  /** Every face that is enrolled, whatever the model: to take faces out. */
  gallery(): EnrolledFaces;
  /** The model in use, to enrol and search with. */
  recognition(): Promise<ModelInUse>;
  results(): Promise<ResultStore>;
  people(): Promise<Pick<People, 'settle'>>;
  /** Tells others of what has just been committed. */
  readonly telling: Pick<Telling, 'nudge'>;
  /** The terms of each batch, as they stand now. */
  readonly batches: Pick<BatchSettings, 'get' | 'recent'>;
  /** Takes possible matches out of the outputs of a job. */
  readonly keepSuggestions: KeepSuggestionsOfJob;
  readonly blobs: Blobs;
  readonly tables: Tables;
  readonly clock: Clock;
}
