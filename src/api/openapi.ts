import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { type Binary, type Operation, operations, problemSchema } from './contract.ts';
import { jsonReply } from './reply.ts';

type Json = Record<string, unknown>;

const REFERENCE = '#/components/schemas/';

/** The OpenAPI 3.1 document of the API, made from the contract that its handlers are held to. */
export function openapi(): Json {
  const schemas = new Map<string, Json>();
  const paths: Record<string, Json> = {};
  for (const [name, operation] of Object.entries(operations) as [string, Operation][]) {
    const path = `/${operation.path}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(name, operation, schemas) };
  }
  paths['/api/openapi.json'] = {
    get: {
      operationId: 'openapi',
      summary: 'This document.',
      responses: {
        200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
      },
    },
  };
  const problem = toSchema(problemSchema, 'output', schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Imaginem',
      version: '1',
      description:
        'Photographs, what is in them, and which may show the same face. A match is only ever a possible match. For machines every path is also below /machine, with a function key in the header x-functions-key.',
    },
    servers: [{ url: '/' }, { url: '/machine', description: 'With a function key' }],
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      responses: {
        Problem: {
          description: 'Problem details (RFC 9457)',
          content: { 'application/problem+json': { schema: problem } },
        },
      },
      securitySchemes: {
        functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
      },
    },
  };
}

function describe(name: string, operation: Operation, schemas: Map<string, Json>): Json {
  const { path, query, body, answer, role, summary, status } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ({
    name: parameter,
    in: 'path',
    required: true,
    description: 'The id; where it has other characters than A-Z a-z 0-9 _ . -, `~` and its base64url',
    schema: { type: 'string' },
  }));
  const success = status ?? (answer === null ? 204 : 200);
  return {
    operationId: name,
    summary,
    description: `Needs the role ${role}.`,
    parameters: [...inPath, ...queryParameters(query, schemas)],
    ...(body && { requestBody: { required: true, content: contentOf(body, 'input', schemas) } }),
    responses: {
      [success]:
        answer === null
          ? { description: 'Done' }
          : { description: 'Success', content: contentOf(answer, 'output', schemas) },
      ...(operation.method === 'GET' && { 304: { description: 'The caller has this version' } }),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function queryParameters(query: z.ZodObject | undefined, schemas: Map<string, Json>): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = toSchema(query, 'input', schemas) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function contentOf(shape: z.ZodType | Binary, io: 'input' | 'output', schemas: Map<string, Json>): Json {
  if (!('contentTypes' in shape)) return { 'application/json': { schema: toSchema(shape, io, schemas) } };
  return Object.fromEntries(
    shape.contentTypes.map((type) => [
      type,
      type === 'multipart/form-data'
        ? {
            schema: {
              type: 'object',
              properties: { file: { type: 'array', items: { type: 'string', format: 'binary' } } },
            },
          }
        : {},
    ]),
  );
}

/** A schema in place; those that have an id stand once, under components. */
function toSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Map<string, Json>): Json {
  const {
    $defs = {},
    $schema: _,
    ...own
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  }) as { $defs?: Record<string, Json>; $schema?: string } & Json;
  const place = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', `"${REFERENCE}`));
  for (const [id, definition] of Object.entries($defs)) {
    const { id: __, ...plain } = definition;
    schemas.set(id, place(plain) as Json);
  }
  const { id, ...plain } = own as { id?: string } & Json;
  if (id === undefined) return place(plain) as Json;
  schemas.set(id, place(plain) as Json);
  return { $ref: `${REFERENCE}${id}` };
}

let made: Json | undefined;

export async function serveOpenapi(request: HttpRequest): Promise<HttpResponseInit> {
  made ??= openapi();
  return jsonReply(request, made);
}
