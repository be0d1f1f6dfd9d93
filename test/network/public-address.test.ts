import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../src/network/public-address.ts';

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.1',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:80f::200e',
  '::ffff:1.1.1.1',
  '64:ff9b::8.8.8.8',
];

const NOT_PUBLIC = {
  'IPv4 ranges': [
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.7',
    '203.0.113.7',
    '224.0.0.1',
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
  ],
  'IPv6 ranges': [
    '::',
    '::1',
    '100::1',
    '2001::1',
    '2001:2::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2002:101:101::1',
    '3fff::1',
    '4000::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '64:ff9b:1::1.1.1.1',
  ],
  'IPv6 forms of IPv4 addresses': [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:7F00:0001',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::127.0.0.1',
    '::1.1.1.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '::ffff:0:127.0.0.1',
  ],
  'other spellings, and no addresses': [
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '127.0.0.1.',
    ' 8.8.8.8',
    '[::1]',
    '8.8.8.8:443',
    'example.com',
    '',
  ],
};

test.each(PUBLIC)('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));

describe.each(Object.entries(NOT_PUBLIC))('%s', (_, addresses) => {
  test.each(addresses)('"%s" is not public', (address) => expect(isPublicAddress(address)).toBe(false));
});

const ipv4 = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })));

test('an IPv4 address and the IPv6 forms that carry it are judged alike; withdrawn forms are never public', () => {
  fc.assert(
    fc.property(ipv4, (bytes) => {
      const dotted = bytes.join('.');
      const hex = Buffer.from(bytes).toString('hex').replace(/^.{4}/, '$&:');
      const verdict = isPublicAddress(dotted);
      for (const prefix of ['::ffff:', '64:ff9b::', '0:0:0:0:0:FFFF:']) {
        expect(isPublicAddress(prefix + dotted)).toBe(verdict);
        expect(isPublicAddress(prefix + hex)).toBe(verdict);
      }
      for (const other of [`2002:${hex}::1`, `::${dotted}`, `2001:0:1:2:3:4:${hex}`, `fe80::5efe:${hex}`]) {
        expect(isPublicAddress(other)).toBe(false);
      }
    }),
  );
});

test('nothing in the private ranges is public', () => {
  const tail = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(
      fc.constantFrom(
        '10.9',
        '127.0',
        '169.254',
        '172.16',
        '172.31',
        '192.168',
        '100.64',
        '100.127',
        '224.1',
      ),
      tail,
      (start, end) => {
        expect(isPublicAddress([start, ...end].join('.'))).toBe(false);
      },
    ),
  );
});

test('any text gives an answer', () => {
  fc.assert(fc.property(fc.string(), (text) => typeof isPublicAddress(text) === 'boolean'));
});
