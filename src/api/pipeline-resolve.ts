import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { App } from '../app.ts';
import { dependencyMap, namesIn, resolvePipeline } from '../pipeline/definition/resolve.ts';

/** Characters of a body: far more than any list of steps. */
const MAX_BODY = 20_000;
const names = z.array(z.string().max(200)).max(200);

/** A list of steps, `{ "steps": [...] }`, or `{ "definition": "a,b" }` as the app setting has it. */
const bodySchema = z.union([
  names.transform((steps) => steps),
  z.strictObject({ steps: names }).transform(({ steps }) => steps),
  z.strictObject({ definition: z.string() }).transform(({ definition }) => namesIn(definition)),
]);

/**
 * The dependency resolver of 2017. GET: every step with what it needs, and today's definition. POST: steps in, the full
 * ordered list out, with what is wrong with what was posted. Errors are problem details (RFC 9457).
 */
export async function pipelineResolve(
  request: Pick<HttpRequest, 'method' | 'text'>,
  { registry, pipeline }: Pick<App, 'registry' | 'pipeline'>,
): Promise<HttpResponseInit> {
  if (request.method === 'GET') {
    return { jsonBody: { definition: pipeline, steps: dependencyMap(registry) } };
  }
  const text = await request.text();
  if (text.length > MAX_BODY) {
    return problem(
      413,
      'BodyTooLarge',
      `The body is longer than ${MAX_BODY} characters: post names of steps only.`,
    );
  }
  const parsed = bodySchema.safeParse(parseOrUndefined(text));
  if (!parsed.success) {
    return problem(
      400,
      'BadBody',
      'The body must be JSON: ["ocr", "facecrop"], { "steps": ["ocr", "facecrop"] }, or { "definition": "ocr,facecrop" }.',
    );
  }
  return { jsonBody: resolvePipeline(parsed.data, registry) };
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const TITLES: Readonly<Record<number, string>> = { 400: 'Bad Request', 413: 'Content Too Large' };

function problem(status: number, code: string, detail: string): HttpResponseInit {
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({ type: 'about:blank', title: TITLES[status], status, detail, code }),
  };
}
