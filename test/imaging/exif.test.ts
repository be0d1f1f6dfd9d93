import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readExif } from '../../src/imaging/exif.ts';
import { METADATA_MARKERS, photographWithMetadata, quadrants } from '../support/images.ts';

test.for(['jpeg', 'webp'] as const)('only the fields that are named are read, from %s', async (format) => {
  const bytes = await photographWithMetadata(quadrants(), format);
  expect(await readExif(bytes, ['gpslatitude', 'GPSLongitude', 'Make', 'NoSuchField'])).toEqual({
    GPSLatitude: [46, 12, 0],
    GPSLongitude: [6, 8, 0],
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
  expect(exif?.DateTimeOriginal).toBe('2020-01-02T03:04:05.000Z');
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
