import type { HttpRequest } from '@azure/functions';
import type { z } from 'zod';
import type { App } from '../app.ts';
import type { Log } from '../domain/ports.ts';
import type { AcceptedCounts } from './accepted.ts';
import type { OperationName, operations } from './contract.ts';
import type { Person } from './person.ts';
import type { QueueDepths } from './queue-depths.ts';
import type { Bytes, Unchanged } from './reply.ts';
import type { Thumbnails } from './thumbnails.ts';
import type { WriteProbe } from './write-probe.ts';

/** What handlers share within a process. */
export interface ApiParts {
  readonly app: App;
  /** Why no image is worked on; undefined where all is well. */
  readonly refusal: string | undefined;
  readonly accepted: AcceptedCounts;
  readonly depths: QueueDepths;
  readonly thumbnails: Thumbnails;
  readonly writes: WriteProbe;
}

type Operations = typeof operations;
type ParameterNames<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never;
type Input<Name extends OperationName, Part extends 'query' | 'body'> = Operations[Name] extends {
  [P in Part]: infer Schema;
}
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : undefined
  : undefined;
type Output<Name extends OperationName> = Operations[Name]['answer'] extends z.ZodType
  ? z.input<Operations[Name]['answer']>
  : Operations[Name]['answer'] extends null
    ? null
    : Bytes | Unchanged;

/** One call of an operation, authorised, its inputs checked. */
export interface Call<Name extends OperationName> {
  readonly parts: ApiParts;
  readonly app: App;
  readonly person: Person;
  /** Ids as they are, not as the path has them. */
  readonly params: Readonly<Record<ParameterNames<Operations[Name]['path']>, string>>;
  readonly query: Input<Name, 'query'>;
  readonly body: Input<Name, 'body'>;
  readonly request: HttpRequest;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export type Handler<Name extends OperationName> = (call: Call<Name>) => Promise<Output<Name>>;
