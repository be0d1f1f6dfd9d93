import type { WireAnswer, WireRequest } from '../wire/request.ts';
import type { Memory } from './memory.ts';

/** An operation as plain data, so that a failing sequence can be printed, shrunk and repeated. */
export interface Step {
  readonly kind: string;
}

/** What one service is asked in a sequence: names begin with `space`, so that sequences do not meet. */
export interface Session {
  readonly space: string;
  readonly memory: Memory;
}

/** How the operations of one service become requests, and what is to be kept of their answers. */
export interface Language<S extends Step> {
  request(step: S, session: Session): WireRequest;
  note(step: S, answer: WireAnswer, session: Session): void;
}
