import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAllowedHost, normalizeHost } from '../../../src/imaging/foreign/host.ts';
import { checkUrl } from '../../../src/imaging/foreign/policy.ts';

const allowed = ['images.example.org', 'bücher.example'];

test.each([
  'images.example.org',
  'IMAGES.Example.ORG',
  'images.example.org.',
  'images。example．org',
  'bücher.example',
  'BÜCHER.example',
  'xn--bcher-kva.example',
])('%s is on the list', (host) => expect(isAllowedHost(host, allowed)).toBe(true));

test.each([
  'example.org',
  'www.images.example.org',
  'images.example.org.evil.test',
  'evilimages.example.org',
  'images.example.org..',
  '.images.example.org',
  'images.example.org:443',
  'user@images.example.org',
  'images.example.org/path',
  'images.example.org#',
  'images.example.org\\@evil.test',
  'images.example.org%00',
  'imagеs.example.org', // a Cyrillic letter
  'bucher.example',
  'localhost',
  '',
  '.',
])('"%s" is not', (host) => expect(isAllowedHost(host, allowed)).toBe(false));

test.each([
  '127.0.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '017700000001',
  '0177.0.0.1',
  '127.1',
  '[::1]',
  '::1',
  '[::ffff:127.0.0.1]',
  '169.254.169.254',
  '１２７.０.０.１',
  '8.8.8.8',
  'localhost',
  'localhost.',
  'LOCALHOST',
  'app.localhost',
  'printer.local',
  'metadata.google.internal',
])('%s cannot even be put on the list', (host) => expect(isAllowedHost(host, [host])).toBe(false));

test('normalising twice is normalising once, and case and the final dot change nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.string(), fc.ipV4(), fc.ipV6()), (host) => {
      const name = normalizeHost(host);
      expect(normalizeHost(name)).toBe(name);
      if (name !== '') expect(normalizeHost(`${name.toUpperCase()}.`)).toBe(name);
    }),
  );
});

test('a host is allowed only where it is the very name on the list', () => {
  fc.assert(
    fc.property(fc.domain(), fc.domain(), (host, other) => {
      expect(isAllowedHost(host, [host])).toBe(normalizeHost(host) !== '');
      expect(isAllowedHost(`x${host}`, [host])).toBe(false);
      expect(isAllowedHost(`x.${host}`, [host])).toBe(false);
      expect(isAllowedHost(host, [other])).toBe(host.toLowerCase() === other.toLowerCase());
    }),
  );
});

test.each([
  ['https://images.example.org/a.jpg', 'images.example.org'],
  ['HTTPS://IMAGES.EXAMPLE.ORG:443/a.jpg?b=c', 'images.example.org'],
  ['https://images.example.org./a.jpg', 'images.example.org.'],
  ['https://bücher.example/', 'xn--bcher-kva.example'],
])('%s may be fetched', (url, host) => expect(checkUrl(url, allowed).hostname).toBe(host));

test.each([
  ['plain http', 'http://images.example.org/a.jpg'],
  ['file', 'file:///etc/passwd'],
  ['data', 'data:image/png;base64,AAAA'],
  ['ftp', 'ftp://images.example.org/a.jpg'],
  ['no URL', 'a.jpg'],
  ['a user name', 'https://someone@images.example.org/'],
  ['a password', 'https://:secret@images.example.org/'],
  ['the host as a user name', 'https://images.example.org@evil.test/'],
  ['the host as a user name, with a port', 'https://images.example.org:443@evil.test/'],
  ['a backslash', 'https://evil.test\\@images.example.org/'],
  ['the host in the fragment', 'https://evil.test#@images.example.org/'],
  ['another port', 'https://images.example.org:8443/'],
  ['loopback', 'https://127.0.0.1/'],
  ['loopback as a decimal number', 'https://2130706433/'],
  ['loopback in hexadecimal', 'https://0x7f.0x0.0x0.0x1/'],
  ['loopback in octal', 'https://0177.0.0.01/'],
  ['loopback, abbreviated', 'https://127.1/'],
  ['loopback in IPv6', 'https://[::1]/'],
  ['loopback, mapped', 'https://[::ffff:127.0.0.1]/'],
  ['link-local metadata', 'https://169.254.169.254/metadata/instance'],
  ['localhost with the root', 'https://localhost./'],
  ['a host that is not listed', 'https://example.org/'],
])('%s is refused', (_, url) => {
  // Even a list that names them all does not open addresses and local names.
  const list = [...allowed, '127.0.0.1', '[::1]', 'localhost', '169.254.169.254', '2130706433'];
  expect(() => checkUrl(url, list)).toThrow(
    expect.objectContaining({ name: 'ContractError', code: 'ForeignImageRefused' }),
  );
});

test('a refusal names the host to add, and nothing else of the URL', () => {
  expect(() => checkUrl('https://photos.example.net/anna-example.jpg?token=1', allowed)).toThrow(
    /^(?=.*photos\.example\.net)(?!.*(anna|token))/,
  );
});
