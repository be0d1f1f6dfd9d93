import { DEFAULT_PIPELINE, readSettings, settingNames } from '../../src/domain/settings.ts';
import { containers, EVENTS_QUEUE, poisonQueue, tables } from '../../src/storage/names.ts';

/** What the app's code says about the world it needs. */
export interface Code {
  readonly settingNames: readonly string[];
  /** Throws, naming every wrong setting, or gives the settings as the app would see them. */
  readonly readSettings: (
    env: Readonly<Record<string, string | undefined>>,
  ) => Readonly<Record<string, unknown>>;
  readonly eventsQueue: string;
  readonly inputContainer: string;
  readonly queues: readonly string[];
  readonly containers: readonly string[];
  readonly tables: readonly string[];
}

const queues = [...DEFAULT_PIPELINE.split(','), EVENTS_QUEUE];

export const code: Code = {
  settingNames,
  readSettings,
  eventsQueue: EVENTS_QUEUE,
  inputContainer: containers.input,
  queues: [...queues, ...queues.map(poisonQueue)],
  containers: Object.values(containers),
  tables: Object.values(tables),
};
