import { HttpRequest } from '@azure/functions';
import { expect, test } from 'vitest';
import { pipelineResolve } from '../../src/api/pipeline-resolve.ts';
import { knownSteps } from '../../src/cli/steps.ts';
import { DEFAULT_PIPELINE } from '../../src/domain/settings.ts';

const registry = await knownSteps();
const pipeline = DEFAULT_PIPELINE.split(',');

async function ask(method: 'GET' | 'POST', body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = new HttpRequest({
    method,
    url: 'http://localhost/api/pipeline/resolve',
    ...(body !== undefined && { body: { string: text } }),
  });
  const response = await pipelineResolve(request, { registry, pipeline });
  const json = response.jsonBody ?? JSON.parse(String(response.body));
  return {
    status: response.status ?? 200,
    type: new Headers(response.headers as never).get('content-type'),
    json,
  };
}

test('GET gives every step with what it needs, and the definition', async () => {
  const { status, json } = await ask('GET');
  expect(status).toBe(200);
  expect(json.definition).toEqual(pipeline);
  const match = json.steps.find((step: { name: string }) => step.name === 'facematch');
  expect(match).toMatchObject({ needs: ['faceprint'], needs_in_all: ['facedetection', 'faceprint'] });
  expect(json.steps.map((step: { name: string }) => step.name)).toEqual(
    expect.arrayContaining(['customvision', 'duplicates']),
  );
});

test.each([[['facematch', 'ocr']], [{ steps: ['facematch', 'ocr'] }], [{ definition: 'facematch, ocr' }]])(
  'POST %j gives the full ordered list',
  async (body) => {
    const { status, json } = await ask('POST', body);
    expect(status).toBe(200);
    expect(json.definition).toEqual(['facedetection', 'faceprint', 'facematch', 'ocr', 'pipelineoutput']);
    expect(json.faults.join(' ')).toMatch(/"facematch" needs "faceprint": add/);
    expect(json.steps[0]).toMatchObject({ name: 'facedetection', needs: [], added: true });
  },
);

test('POST of a faultless definition gives it back without faults', async () => {
  const { json } = await ask('POST', pipeline);
  expect(json).toMatchObject({ faults: [], definition: pipeline });
});

test.each([
  ['not JSON', '{', 400, 'BadBody'],
  ['something else', '{"step":"ocr"}', 400, 'BadBody'],
  ['nothing', '', 400, 'BadBody'],
  ['a number among names', '["ocr",3]', 400, 'BadBody'],
  ['far too much', JSON.stringify(Array(9000).fill('ocr')), 413, 'BodyTooLarge'],
])('%s is answered by problem details', async (_, body, status, code) => {
  const answer = await ask('POST', body);
  expect(answer).toMatchObject({
    status,
    type: 'application/problem+json',
    json: { status, code, type: 'about:blank' },
  });
  expect(answer.json.detail).toMatch(/body/);
});
