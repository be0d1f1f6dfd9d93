import { silentLog } from '../../../src/domain/ports.ts';
import { readSettings, type Settings } from '../../../src/domain/settings.ts';
import type { Columns, Row, Table, Tables } from '../../../src/storage/tables.ts';
import { openVision, type Vision, type VisionDependencies } from '../../../src/vision/open.ts';

export const never = new AbortController().signal;

export function settingsFor(url: string | undefined, more: Record<string, string> = {}): Settings {
  const endpoints = url === undefined ? {} : { COMPUTER_VISION_ENDPOINT: url, FACE_ENDPOINT: url };
  return readSettings({
    ...endpoints,
    COMPUTER_VISION_KEY: 'cv-key',
    FACE_KEY: 'face-key',
    COMPUTER_VISION_CALLS_PER_SECOND: '1000',
    FACE_CALLS_PER_SECOND: '1000',
    ...more,
  });
}

export function visionFor(
  url: string | undefined,
  storage: { tables: Tables },
  more: Record<string, string> = {},
  dependencies: Partial<VisionDependencies> = {},
): Vision {
  const settings = settingsFor(url, more);
  return openVision(settings, { storage, clock: Date.now, log: silentLog, ...dependencies });
}

/** The one row that clients need of storage, for tests about clients: the shared throttle. */
export function throttleOnly(): { tables: Tables; rows: Map<string, Columns> } {
  const rows = new Map<string, Columns>();
  const key = (partitionKey: string, rowKey: string) => `${partitionKey}/${rowKey}`;
  const table = {
    async get(partitionKey: string, rowKey: string): Promise<Row | undefined> {
      const columns = rows.get(key(partitionKey, rowKey));
      return columns && { partitionKey, rowKey, etag: '*', columns };
    },
    async insert(partitionKey: string, rowKey: string, columns: Columns) {
      rows.set(key(partitionKey, rowKey), columns);
      return true;
    },
    async update(partitionKey: string, rowKey: string, columns: Columns) {
      rows.set(key(partitionKey, rowKey), columns);
      return true;
    },
  } as unknown as Table;
  return { tables: { table: () => table } as unknown as Tables, rows };
}
