import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readExif } from '../../src/imaging/exif.ts';
import { placeValue } from '../../src/imaging/exif-place.ts';
import { exifTime } from '../../src/imaging/exif-time.ts';
import { METADATA_MARKERS, photographWithMetadata, quadrants } from '../support/images.ts';

test.for(['jpeg', 'webp'] as const)('only the fields that are named are read, from %s', async (format) => {
  const bytes = await photographWithMetadata(quadrants(), format);
  expect(await readExif(bytes, ['gpslatitude', 'GPSLongitude', 'Make', 'NoSuchField'])).toEqual({
    GPSLatitude: 46.2,
    GPSLongitude: 6.1333333,
    Make: METADATA_MARKERS[0],
  });
  expect(await readExif(bytes, ['Model'])).toBeUndefined();
  expect(await readExif(bytes, [])).toBeUndefined();
});

test('times are ISO 8601, long texts are cut, and lists of bytes are left out', async () => {
  const bytes = await sharp({ create: { width: 60, height: 60, channels: 3, background: 'red' } })
    .withExif({
      IFD0: { Artist: 'x'.repeat(2000) },
      IFD2: { DateTimeOriginal: '2020:01:02 03:04:05', MakerNote: 'secret' },
    })
    .jpeg()
    .toBuffer();
  const exif = await readExif(bytes, ['Artist', 'DateTimeOriginal', 'MakerNote']);
  expect(exif?.DateTimeOriginal).toBe('2020-01-02T03:04:05');
  expect(exif?.Artist).toHaveLength(500);
  expect(exif?.MakerNote).toBeUndefined();
});

test('EXIF that is cut off, turned into noise or not there is as good as none', async () => {
  const bytes = await photographWithMetadata();
  const at = bytes.indexOf('Exif\0\0');
  expect(at).toBeGreaterThan(0);
  for (let seed = 1; seed < 60; seed += 1) {
    const broken = Buffer.from(bytes);
    for (let n = 0; n < 20; n += 1)
      broken[at + 6 + ((seed * 7919 + n * 104_729) % 120)] = (seed * 31 + n * 17) % 256;
    await expect(readExif(broken, ['Make', 'GPSLatitude'])).resolves.not.toThrow();
  }
  expect(await readExif(Buffer.from('no image'), ['Make'])).toBeUndefined();
});

describe('a place is one place', () => {
  const at = async (latitudeRef: string | undefined, longitudeRef: string | undefined) => {
    const bytes = await sharp({ create: { width: 60, height: 60, channels: 3, background: 'red' } })
      .withExif({
        IFD3: {
          ...(latitudeRef !== undefined && { GPSLatitudeRef: latitudeRef }),
          GPSLatitude: '33/1 26/1 0/1',
          ...(longitudeRef !== undefined && { GPSLongitudeRef: longitudeRef }),
          GPSLongitude: '70/1 39/1 36/1',
          GPSAltitude: '120/1',
          GPSImgDirectionRef: 'M',
          GPSImgDirection: '181/2',
          GPSTimeStamp: '13/1 5/1 9/1',
          GPSDateStamp: '2024:02:29',
        },
      })
      .jpeg()
      .toBuffer();
    return readExif(bytes, ['GPSLatitude', 'GPSLongitude', 'GPSAltitude', 'GPSImgDirection', 'GPSTimeStamp']);
  };
  test.each([
    ['N', 'E', 33.4333333, 70.66],
    ['S', 'W', -33.4333333, -70.66],
    ['N', 'W', 33.4333333, -70.66],
    ['s', 'e', -33.4333333, 70.66],
  ])('%s and %s', async (latitudeRef, longitudeRef, GPSLatitude, GPSLongitude) => {
    expect(await at(latitudeRef, longitudeRef)).toEqual({
      GPSLatitude,
      GPSLongitude,
      GPSAltitude: 120,
      // What it counts from, the true or the magnetic north, stands beside it.
      GPSImgDirection: 90.5,
      GPSImgDirectionRef: 'M',
      GPSTimeStamp: '2024-02-29T13:05:09Z',
    });
  });

  test('below the sea is negative, and a coordinate without its hemisphere is left out', async () => {
    expect(await at(undefined, 'E')).not.toHaveProperty('GPSLatitude');
    for (const GPSAltitudeRef of [1, Buffer.from([1])]) {
      expect(placeValue('GPSAltitude', { GPSAltitude: 120, GPSAltitudeRef })).toBe(-120);
    }
    expect(placeValue('GPSAltitude', { GPSAltitude: 120, GPSAltitudeRef: 0 })).toBe(120);
  });
});

describe('a time says what is known of it', () => {
  test.each([
    ['2022:09:23 13:30:04', undefined, undefined, '2022-09-23T13:30:04'],
    ['2022:09:23 13:30:04', '+02:00', undefined, '2022-09-23T13:30:04+02:00'],
    ['2022:09:23 13:30:04\0', '-0330\0', '123\0', '2022-09-23T13:30:04.123-03:30'],
    ['2025:01:14 18:31:30+0000', undefined, undefined, '2025-01-14T18:31:30+00:00'],
    ['2025:01:14 18:31:30Z', '+01:00', undefined, '2025-01-14T18:31:30Z'],
    ['2025-01-14T18:31:30.25', undefined, '9', '2025-01-14T18:31:30.25'],
    ['2025:01:14 18:31:30', '   :  ', '   ', '2025-01-14T18:31:30'],
    ['2025:01:14 18:31:30', '+99:00', 'x', '2025-01-14T18:31:30'],
    ['2024:02:29 00:00:00', undefined, undefined, '2024-02-29T00:00:00'],
  ])('%s, offset %s, fraction %s', (time, offset, fraction, iso) => {
    expect(exifTime(time, offset, fraction)).toBe(iso);
  });

  test.each([
    '0000:00:00 00:00:00',
    '    :  :     :  :  ',
    '',
    '2023:02:29 10:00:00',
    '2023:13:01 10:00:00',
    '2023:01:01 24:00:00',
    '2023:01:01 10:60:00',
    'yesterday',
    '2023:01:01',
  ])('"%s" is none', (time) => {
    expect(exifTime(time, '+01:00', '1')).toBeUndefined();
  });

  test('whatever the text, it is a time that can be read, or none', () => {
    const digits = (most: number) => fc.nat(most).map((value) => String(value).padStart(2, '0'));
    const text = fc
      .tuple(
        fc.nat(2400),
        digits(14),
        digits(33),
        digits(25),
        digits(62),
        digits(62),
        fc.constantFrom('', 'Z', '+01:30', '-1200'),
      )
      .map(([y, mo, d, h, mi, s, z]) => `${String(y).padStart(4, '0')}:${mo}:${d} ${h}:${mi}:${s}${z}`);
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (time) => {
        const iso = exifTime(time);
        if (iso !== undefined) expect(new Date(iso).getTime()).not.toBeNaN();
      }),
    );
  });

  test('in the row it is local, with the offset of the field beside it', async () => {
    const bytes = await sharp({ create: { width: 60, height: 60, channels: 3, background: 'red' } })
      .withExif({
        IFD0: { DateTime: '2024:05:01 08:00:00', Artist: 'ZoexY' },
        IFD2: {
          DateTimeOriginal: '2022:09:23 13:30:04',
          OffsetTimeOriginal: '+02:00',
          SubSecTimeOriginal: '07',
          DateTimeDigitized: '0000:00:00 00:00:00',
        },
      })
      .jpeg()
      .toBuffer();
    bytes.write('Zo\u00ebY', bytes.indexOf('ZoexY'));
    const names = ['DateTime', 'DateTimeOriginal', 'DateTimeDigitized', 'Artist'];
    expect(await readExif(bytes, names)).toEqual({
      DateTime: '2024-05-01T08:00:00',
      DateTimeOriginal: '2022-09-23T13:30:04.07+02:00',
      Artist: 'ZoëY',
    });
  });
});

test('of a TIFF, too', async () => {
  const { tiffFile, rgbPage } = await import('../support/tiff.ts');
  const bytes = tiffFile([rgbPage(quadrants(), { 282: 72, 296: 2 })]);
  expect(await readExif(bytes, ['ResolutionUnit', 'ImageWidth'])).toEqual({
    ResolutionUnit: 2,
    ImageWidth: 96,
  });
});
