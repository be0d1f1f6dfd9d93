import type { Session } from '../operation.ts';

/** Row keys with what URLs and quotes make difficult. */
export const KEYS = ['a', 'b', "o'k", 'ü x', '50%+1'] as const;
const PARTITIONS = ['p', "p'q"] as const;
/** Values of every type that the service knows, with the types as its JSON writes them. */
export const VALUES: readonly Record<string, unknown>[] = [
  {},
  { text: 'one', count: 1, yes: true },
  { text: "it's", count: 2, yes: false, ratio: 1.5 },
  { text: 'Zürich', big: '9007199254740993', 'big@odata.type': 'Edm.Int64', ratio: 2 },
  { when: '2026-01-02T03:04:05.678Z', 'when@odata.type': 'Edm.DateTime', count: -5 },
  { id: '9f1b7b3e-6f0a-4d8f-9d6e-000000000001', 'id@odata.type': 'Edm.Guid', text: '' },
  { bytes: 'AAECAw==', 'bytes@odata.type': 'Edm.Binary', text: 'one', count: 3 },
  { text: 'x'.repeat(32_769) },
];

/** The parts of a step that all kinds together may have. */
export interface TableStep {
  readonly kind: string;
  readonly table?: number;
  readonly partition?: number;
  readonly row?: number;
  readonly verb?: 'insert' | 'replace' | 'merge' | 'delete';
  readonly values?: number;
  readonly match?: 'none' | 'any' | 'last' | 'first';
  readonly quiet?: boolean;
  readonly level?: string;
  readonly select?: string | undefined;
  readonly filter?: string | null;
  readonly top?: number | undefined;
  readonly goOn?: boolean;
  readonly changes?: readonly Omit<TableStep, 'kind'>[];
  readonly authorisation?: 'none' | 'stranger';
}

export const tableName = (step: Pick<TableStep, 'table'>, { space }: Session): string =>
  `${space.replaceAll('-', '')}t${step.table ?? 0}`;
export const keysOf = (step: Omit<TableStep, 'kind'>): { PartitionKey: string; RowKey: string } => ({
  PartitionKey: PARTITIONS[step.partition ?? 0] ?? '',
  RowKey: KEYS[step.row ?? 0] ?? '',
});

export const resourceOf = ({ table, partition, row }: Omit<TableStep, 'kind'>): string =>
  `${table} ${partition} ${row}`;

export function entityPath(step: Omit<TableStep, 'kind'>, session: Session): string {
  const { PartitionKey, RowKey } = keysOf(step);
  const quoted = (key: string) => encodeURIComponent(key.replaceAll("'", "''"));
  return `/${tableName(step, session)}(PartitionKey='${quoted(PartitionKey)}',RowKey='${quoted(RowKey)}')`;
}
