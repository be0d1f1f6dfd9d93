import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, isKnownFunction, type Scope } from '../../../scripts/check-azure/arm/evaluate.ts';
import { ExpressionError } from '../../../scripts/check-azure/arm/parse.ts';

const scope: Scope = {
  parameter: (name) => ({ region: 'westeurope', steps: ['a', 'b'], off: false })[name],
  variable: (name) => ({ roles: { owner: 'id-1' }, list: [{ name: 'x' }, { name: 'y' }] })[name],
  reference: (id, full) => ({ id, full }),
  copyIndex: 1,
};
const group = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-sample/providers';

test.each<[string, unknown]>([
  ["[format('{0}-{1}-{0}', 'a', 2)]", 'a-2-a'],
  ["[toLower(concat('A', 'B'))]", 'ab'],
  ["[substring('abcdef', 2, 3)]", 'cde'],
  ["[take('abc', 9)]", 'abc'],
  ["[replace('a.b.c', '.', '-')]", 'a-b-c'],
  ["[length(parameters('steps'))]", 2],
  ["[variables('roles').owner]", 'id-1'],
  ["[variables('list')[copyIndex()].name]", 'y'],
  ["[if(parameters('off'), reference('never'), 'no')]", 'no'],
  ['[and(not(false()), or(false(), true()))]', true],
  ["[equals(createArray(1, 'a'), createArray(1, 'a'))]", true],
  ["[empty('')]", true],
  ['[greater(2, 1)]', true],
  ["[json('0.5')]", 0.5],
  ["[union(createObject('a', 1), createObject('a', 2, 'b', 3))]", { a: 2, b: 3 }],
  ["[split('a,b', ',')]", ['a', 'b']],
  ['[string(12)]', '12'],
  ["[cidrSubnet('10.64.0.0/24', 26, 1)]", '10.64.0.64/26'],
  ["[resourceId('Microsoft.Web/sites/config', 'app', 'web')]", `${group}/Microsoft.Web/sites/app/config/web`],
  [
    "[extensionResourceId('/x', 'Microsoft.Authorization/roleAssignments', 'r')]",
    '/x/providers/Microsoft.Authorization/roleAssignments/r',
  ],
  ["[reference('id', '2020', 'Full').full]", true],
  ['[environment().suffixes.storage]', 'core.windows.net'],
  ['[null()]', null],
  ['[[left alone]', '[left alone]'],
])('%s', (text, value) => {
  expect(evaluate(text, scope)).toEqual(value);
});

test.each([
  ["[format('{1}', 'a')]", /no value for \{1\}/],
  ["[substring('abc', 2, 5)]", /past the end/],
  ["[variables('roles').reader]", /no property "reader"/],
  ["[variables('list')[7]]", /no item 7/],
  ["[resourceId('Microsoft.Web/sites/config', 'app')]", /wants 2 name\(s\)/],
  ["[cidrSubnet('10.64.0.0/24', 26, 4)]", /has no \/26 number 4/],
  ["[uniqueName('a')]", /unknown function uniqueName/],
  ['[toLower(1)]', /toLower wants a text/],
  ["[not('true')]", /wants true or false/],
])('%s is refused', (text, message) => {
  expect(() => evaluate(text, scope)).toThrow(message);
  expect(() => evaluate(text, scope)).toThrow(ExpressionError);
});

test('keys of objects are evaluated too', () => {
  expect(evaluate({ "[format('{0}', 'id')]": {} }, scope)).toEqual({ id: {} });
});

test('uniqueString stands in with 13 lower-case letters and digits, a letter first, guid with a GUID', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9/-]{0,40}$/), (seed) => {
      expect(evaluate(`[uniqueString('${seed}')]`, scope)).toMatch(/^[a-z][a-z0-9]{12}$/);
      expect(evaluate(`[guid('${seed}')]`, scope)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(evaluate(`[guid('${seed}')]`, scope)).toBe(evaluate(`[guid('${seed}')]`, scope));
    }),
  );
});

test('function names are known whatever their case, and list functions by their beginning', () => {
  expect(isKnownFunction('ResourceId')).toBe(true);
  expect(isKnownFunction('listKeys')).toBe(true);
  expect(isKnownFunction('listless')).toBe(false);
});
