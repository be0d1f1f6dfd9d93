import { foreignCode } from '../domain/error-codes.ts';
import { PipelineError } from '../domain/errors.ts';
import type { FailedServiceCall } from '../domain/service-breaker.ts';

/**
 * A call failed in a way that another try may mend, but that may also be this image's doing (an internal error, a
 * connection cut while the image was being worked on): counted as an attempt, unlike an outage.
 */
export class VisionCallError extends PipelineError {
  /** Set where the call itself failed: several such errors of different images are the service's trouble. */
  failedCall?: FailedServiceCall;
}

/** The answer came, but is not what the service documents: half of it, of another type, from something else. */
export function unexpectedAnswer(service: string, operation: string): VisionCallError {
  const message = `${service} answered ${operation} with something that is not the documented answer.`;
  return new VisionCallError('VisionUnexpectedAnswer', message);
}

/** A face id is forgotten by the service (24 hours after detection at the latest): detect the face again. */
export class FaceIdExpiredError extends PipelineError {
  constructor(options?: ErrorOptions) {
    super(
      'FaceIdExpired',
      'The face id has expired at the Face service: the face must be detected again.',
      options,
    );
  }
}

/**
 * What a face list can be instead of ready.
 *
 * | State | Meaning |
 * |---|---|
 * | `missing` | there is no such list |
 * | `faceMissing` | the list has no such persisted face |
 * | `exists` | a list of that name exists already |
 * | `empty` | it holds no faces, so nothing can be found |
 * | `untrained` | a LargeFaceList was never trained |
 * | `training` | it cannot be changed while a training runs |
 * | `busy` | another call is changing it at this moment |
 * | `full` | it, or the account, can hold no more |
 */
export type FaceListState =
  | 'missing'
  | 'faceMissing'
  | 'exists'
  | 'empty'
  | 'untrained'
  | 'training'
  | 'busy'
  | 'full';

/** A face list is not in the state that a call needs. The gallery knows what to do; elsewhere it is transient. */
export class FaceListStateError extends PipelineError {
  readonly state: FaceListState;

  constructor(state: FaceListState, code: string, options?: ErrorOptions) {
    super(foreignCode(code), `The Face service refused to work on a face list (${state}).`, options);
    this.state = state;
  }
}
