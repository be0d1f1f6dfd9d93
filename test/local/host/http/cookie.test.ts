import { expect, test } from 'vitest';
import { serializeCookie } from '../../../../src/local/host/http/cookie.ts';

test('a name, path or domain that would end the cookie is refused', () => {
  expect(() => serializeCookie({ name: 'a b', value: '' })).toThrow(/name of a cookie/);
  expect(() => serializeCookie({ name: '', value: '' })).toThrow(/name of a cookie/);
  expect(() => serializeCookie({ name: 'a', value: '', path: { value: '/; Secure' } })).toThrow(/Path/);
  expect(() => serializeCookie({ name: 'a', value: '', domain: { value: 'x\r\ny' } })).toThrow(/Domain/);
});

test('a value cannot end the cookie', () => {
  expect(serializeCookie({ name: 'a', value: 'x; Path=/\r\n' })).toBe('a=x%3B%20Path%3D%2F%0D%0A');
});
