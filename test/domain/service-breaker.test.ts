import { beforeEach, describe, expect, test } from 'vitest';
import { foreignCode } from '../../src/domain/error-codes.ts';
import { OutageError, PermanentError, PipelineError } from '../../src/domain/errors.ts';
import { ServiceBreaker, type ServiceFailure } from '../../src/domain/service-breaker.ts';

class CallError extends PipelineError {
  readonly failedCall: { service: string; operation: string; answered: boolean };

  constructor(code: string, answered = false, operation = 'analyze') {
    super(foreignCode(code), 'It failed.');
    this.failedCall = { service: 'Vision', operation, answered };
  }
}
const lost = () => new CallError('ConnectionLost');
const inside = () => new CallError('InternalError', true);

let now: number;
let told: { isOpen: boolean; failure: ServiceFailure }[];
let breaker: ServiceBreaker;
beforeEach(() => {
  now = 1_000_000;
  told = [];
  breaker = new ServiceBreaker(
    () => now,
    (failure, isOpen) => told.push({ isOpen, failure }),
  );
});

/** A call as the client makes it, of an image that fails with `error`, or succeeds. */
function attempt(image: string, error?: CallError): unknown {
  try {
    breaker.admit('Vision', 'analyze');
  } catch (refused) {
    return breaker.judge(refused, image);
  }
  if (error === undefined) {
    breaker.succeeded('Vision', 'analyze');
    return 'done';
  }
  breaker.failed('Vision', 'analyze');
  return breaker.judge(error, image);
}
const open = () => {
  attempt('a', lost());
  attempt('b', lost());
};

describe('what is the service and what the image', () => {
  test('one image that fails, however often, is that image', () => {
    for (let round = 0; round < 5; round += 1) {
      const error = lost();
      expect(attempt('a', error)).toBe(error);
      now += 5000;
    }
    expect(told).toEqual([]);
  });

  test('two different images that fail alike within a minute are the service', () => {
    expect(attempt('a', lost())).toBeInstanceOf(CallError);
    now += 59_000;
    const judged = attempt('b', lost());
    expect(judged).toBeInstanceOf(OutageError);
    expect(judged).toMatchObject({ code: 'ServiceFailing', retryAfterMs: 2000 });
    expect(breaker.failures()).toEqual([
      expect.objectContaining({
        service: 'Vision',
        operation: 'analyze',
        code: 'ConnectionLost',
        since: 1_000_000,
      }),
    ]);
  });

  test.each([
    [
      'too far apart',
      () => {
        now += 61_000;
      },
      lost,
    ],
    ['not alike', () => {}, inside],
    ['with a success between them', () => void attempt('c'), lost],
  ])('two failures %s are two images', (_, between, second) => {
    attempt('a', lost());
    between();
    expect(attempt('b', second())).toBeInstanceOf(CallError);
    expect(told).toEqual([]);
  });

  test('other calls, and what is said of an image itself, are nothing to it', () => {
    open();
    expect(() => breaker.admit('Vision', 'read')).not.toThrow();
    const refused = new PermanentError(foreignCode('InvalidImage'), 'no');
    expect(breaker.judge(refused, 'c')).toBe(refused);
  });
});

describe('while it is open', () => {
  test('calls are not made, and their images wait for the probe', () => {
    open();
    const judged = attempt('c');
    expect(judged).toMatchObject({ code: 'ServiceFailing', retryAfterMs: 2000 });
    expect(String((judged as Error).message)).toMatch(
      /^Vision fails alike for different images \(analyze, Conn/,
    );
  });

  test('one image probes at a time; each failed probe makes the next later, up to half a minute', () => {
    open();
    const pauses: number[] = [];
    for (let probe = 0; probe < 7; probe += 1) {
      now = (breaker.failures()[0]?.probeAt ?? 0) + 1;
      breaker.admit('Vision', 'analyze');
      expect(() => breaker.admit('Vision', 'analyze')).toThrow(OutageError);
      breaker.failed('Vision', 'analyze');
      pauses.push((breaker.failures()[0]?.probeAt ?? 0) - now);
    }
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('the first success closes it, and says so', () => {
    open();
    now += 2001;
    expect(attempt('c')).toBe('done');
    expect(told.map(({ isOpen }) => isOpen)).toEqual([true, false]);
    expect(breaker.failures()).toEqual([]);
    expect(attempt('d')).toBe('done');
  });

  test('a probe that is never heard of again holds up nobody for ever', () => {
    open();
    now += 2001;
    breaker.admit('Vision', 'analyze');
    now += 89_000;
    expect(() => breaker.admit('Vision', 'analyze')).toThrow(OutageError);
    now += 2000;
    expect(() => breaker.admit('Vision', 'analyze')).not.toThrow();
  });

  test("what fails inside the service is after a quarter of an hour the images' own again; cut connections are not", () => {
    attempt('a', inside());
    attempt('b', inside());
    now += 15 * 60_000 + 1;
    expect(attempt('a', inside())).toBeInstanceOf(CallError);
    breaker = new ServiceBreaker(() => now);
    open();
    now += 3 * 3_600_000;
    expect(attempt('a', lost())).toBeInstanceOf(OutageError);
  });
});
