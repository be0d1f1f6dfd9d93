import type { PfifFault } from './faults.ts';
import type { Prefixes } from './namespaces.ts';

/** One record as it stands in the file. Of a person `xml` is without the notes inside. */
export interface RawRecord {
  /** `person`, `note`, or what else stands among them. */
  readonly kind: string;
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly xml: string;
  readonly prefixes: Prefixes;
  readonly notes: readonly RawRecord[];
  /** Why it cannot be read. */
  readonly broken?: PfifFault;
}
