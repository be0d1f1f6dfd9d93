import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Operation } from '../../src/api/contract/operation.ts';
import { operations } from '../../src/api/contract.ts';
import { openapi } from '../../src/api/openapi.ts';
import { FILE_PATHS, fromPathId, pathId, routes } from '../../src/api/routes.ts';

type Json = Record<string, unknown>;
const document = openapi() as {
  openapi: string;
  paths: Record<string, Record<string, Json>>;
  components: { schemas: Record<string, Json>; responses: Json };
};

test('every operation stands in the document, with its parameters, its answer and the problem it may be', () => {
  expect(document.openapi).toBe('3.1.0');
  for (const [name, operation] of Object.entries(operations)) {
    const described = document.paths[`/${operation.path}`]?.[operation.method.toLowerCase()] as Json;
    expect(described.operationId).toBe(name);
    const parameters = (described.parameters as { name: string; in: string }[]).filter(
      (one) => one.in === 'path',
    );
    expect(parameters.map((one) => `{${one.name}}`)).toEqual(operation.path.match(/\{\w+\}/g) ?? []);
    const responses = described.responses as Record<string, Json>;
    expect(responses.default).toEqual({ $ref: '#/components/responses/Problem' });
    const success = Object.keys(responses).find((status) => status.startsWith('2'));
    expect(success).toBe(
      String('status' in operation ? operation.status : operation.answer === null ? 204 : 200),
    );
  }
});

test('every operation that takes files is known to the host, which takes little anywhere else', () => {
  const taking = Object.values(operations as Record<string, Operation>)
    .filter(({ body }) => body && 'contentTypes' in body && body.contentTypes.includes('multipart/form-data'))
    .map(({ path }) => path);
  expect(taking.length).toBeGreaterThan(2);
  expect([...FILE_PATHS].sort()).toEqual(taking.sort());
});

test('every reference in it leads somewhere, and nothing is left of how it was made', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  expect(references.length).toBeGreaterThan(20);
  for (const path of references) {
    const target = path.split('/').reduce<unknown>((at, part) => (at as Json | undefined)?.[part], document);
    expect(target, path).toBeDefined();
  }
  expect(text).not.toMatch(/\$defs|"\$schema"/);
});

test('the addresses of the page are those of the operations', () => {
  const paths = new Set(Object.values(operations).map(({ path }) => path));
  const templates = [...paths].map((path) => new RegExp(`^/${path.replace(/\{\w+\}/g, '[^/]+')}$`));
  for (const [name, route] of Object.entries(routes)) {
    if (name === 'openapi') continue;
    const address = typeof route === 'string' ? route : (route as (...ids: string[]) => string)('a/b', 'c d');
    expect(
      templates.filter((template) => template.test(address)),
      name,
    ).toHaveLength(1);
  }
});

test('an id survives the path, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
      const part = pathId(id);
      expect(part).toMatch(/^[A-Za-z0-9_.~-]+$/);
      expect(fromPathId(part)).toBe(id);
    }),
  );
});
