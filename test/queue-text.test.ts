import { expect, test } from 'vitest';
import { keepQueueTexts, queueText } from '../src/queue-text.ts';

const invocation = (id: string, string: unknown, type = 'queueTrigger') => ({
  invocationId: id,
  request: { inputData: [{ data: { string } }] },
  metadata: { bindings: { message: { type } } },
});

/** A programming model, and the core that has it. */
function host() {
  const seen: string[] = [];
  const model = {
    getInvocationModel(context: { invocationId: string }) {
      seen.push(context.invocationId);
      return `model of ${context.invocationId}`;
    },
  };
  let current: unknown = model;
  return {
    seen,
    model,
    core: {
      getProgrammingModel: () => current as typeof model,
      setProgrammingModel: (next: unknown) => {
        current = next;
      },
    },
  };
}

test.each(['89e7073266', '35732122e2', 'null', '{"id": 12345678901234567890}', '"quoted"', 'no JSON'])(
  'a handler finds the text %s as it came, once',
  (text) => {
    const { core, model, seen } = host();
    keepQueueTexts(core);
    expect(model.getInvocationModel(invocation('one', text) as never)).toBe('model of one');
    expect(seen).toEqual(['one']);
    expect(queueText('one', 'parsed')).toBe(text);
    expect(queueText('one', 'parsed')).toBe('parsed');
  },
);

test('invocations of other triggers, and those that never ask, keep nothing for ever', () => {
  const { core, model } = host();
  keepQueueTexts(core);
  model.getInvocationModel(invocation('timer', 'text', 'timerTrigger') as never);
  expect(queueText('timer', 'given')).toBe('given');
  for (let n = 0; n < 3000; n += 1) model.getInvocationModel(invocation(`many-${n}`, 'text') as never);
  expect(queueText('many-0', 'given')).toBe('given');
  expect(queueText('many-2999', 'given')).toBe('text');
});

test('where there is no host, or another one, handlers get what they are given', () => {
  for (const core of [undefined, {}, { getProgrammingModel: () => undefined }]) {
    expect(() => keepQueueTexts(core)).not.toThrow();
  }
  expect(queueText('unknown', 35)).toBe(35);
});

test('fields of the body that the library would walk by recursion are left out; the platform’s own stay', () => {
  const { core, model } = host();
  keepQueueTexts(core);
  const text = `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
  const triggerMetadata: Record<string, { json?: string; string?: string }> = {
    DequeueCount: { json: '"3"' },
    Id: { string: 'id' },
    InsertionTime: { json: '"2026-01-01T00:00:00Z"' },
    a: { json: text.slice(5, -1) },
    b: { json: ' {"c":{}}' },
  };
  const deep = invocation('deep', text);
  model.getInvocationModel({ ...deep, request: { ...deep.request, triggerMetadata } } as never);
  expect(Object.keys(triggerMetadata)).toEqual(['DequeueCount', 'Id', 'InsertionTime']);
  expect(queueText('deep', undefined)).toBe(text);
});
