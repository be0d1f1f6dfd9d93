import { describe, expect, test } from 'vitest';
import { sniffFormat } from '../../src/imaging/format.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const bmp = (size: number, length = 18) => {
  const head = Buffer.alloc(Math.max(length, 18));
  head.write('BM', 'latin1');
  head.writeUInt32LE(size, 14);
  return head.subarray(0, length);
};

describe('what bytes are', () => {
  test.each([
    ['jpeg', [bytes('\xff\xd8\xff')]],
    ['png', [bytes('\x89PNG\r\n\x1a\n')]],
    ['gif', [bytes('GIF87a'), bytes('GIF89a')]],
    ['webp', [bytes('RIFF\n\n\0\0WEBP')]],
    ['tiff', [bytes('II*\0'), bytes('MM\0*'), bytes('II+\0'), bytes('MM\0+')]],
    ['bmp', [12, 16, 40, 52, 56, 64, 108, 124].map((size) => bmp(size))],
  ])('%s, by its magic number', (format, heads) => {
    for (const head of heads) {
      expect(sniffFormat(head)).toEqual({ kind: 'accepted', format });
      expect(sniffFormat(Buffer.concat([head, Buffer.alloc(2000)]))).toEqual({ kind: 'accepted', format });
    }
  });

  test('is no image by two letters alone, nor by a part of a magic number', () => {
    for (const head of [
      ...[
        bmp(41),
        bmp(40, 17),
        bytes('\xff\xd8'),
        bytes('\x89PNG\r\n\x1a'),
        bytes('GIF88a'),
        bytes('xGIF89a'),
      ],
      ...[bytes('RIFF1234WEBX'), bytes('II*x'), bytes('MM*\0')],
    ])
      expect(sniffFormat(head).kind, head.toString('latin1')).toBe('notAnImage');
  });

  test.each([
    ['AVIF', ['\0\0\0\x18ftypavif', '\0\0\0\x18ftypavis'], undefined],
    [
      'HEIC',
      ['heic', 'heix', 'hevc', 'mif1', 'msf1'].map((brand) => `\0\0\0\x18ftyp${brand}`),
      /Most compatible/,
    ],
    ['camera raw (Canon CR3)', ['\0\0\0\x18ftypcrx '], /Develop it/],
    ['JPEG XL', ['\xff\x0a', '\0\0\0\x0cJXL '], undefined],
    ['JPEG 2000', ['\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'], undefined],
    ['camera raw', ['IIRO', 'IIRS', 'MMOR', 'IIU\0', 'FUJIFILMCCD-RAW', 'FOVb'], /Develop it/],
    ['Photoshop', ['8BPS'], undefined],
    ['icon', ['\0\0\x01\0\x01\0', '\0\0\x02\0\x03\0'], undefined],
    ['SVG', ['<svg>', ' \n<svg width="9">', `<!--${' '.repeat(900)}--><svg >`, '<?xml?><SVG\n'], undefined],
  ])('%s, which is not accepted', (name, heads, advice) => {
    for (const head of heads) {
      const sniffed = sniffFormat(bytes(head));
      expect(sniffed, head).toMatchObject({ kind: 'otherImage', name });
      expect(sniffed).toEqual(
        advice === undefined
          ? { kind: 'otherImage', name }
          : expect.objectContaining({ advice: expect.stringMatching(advice) }),
      );
    }
  });

  test('is looked for in the first 1,024 bytes', () => {
    const comment = (length: number) => bytes(`<!--${'-'.repeat(length - 7)}-->`);
    const svg = (before: number) => sniffFormat(Buffer.concat([comment(before), bytes('<svg >')]));
    expect(svg(1019)).toMatchObject({ kind: 'otherImage', name: 'SVG' });
    expect(svg(1020).kind).toBe('notAnImage');
  });

  test.each([
    ['a PDF document', ['%PDF-1.7']],
    ['a PostScript document', ['%!PS-Adobe']],
    ['a ZIP archive or an office document', ['PK\x03\x04', 'PK\x05\x06']],
    ['a compressed archive', ['\x1f\x8b', '7z\xbc\xaf', 'Rar!', 'BZh', '\xfd7zXZ']],
    ['a video', ['\0\0\0\x18ftypisom', 'RIFF1234AVI ', '\x1a\x45\xdf\xa3']],
    ['an audio file', ['ID3', 'OggS', 'fLaC', 'RIFF1234WAVE']],
    ['an HTML page', ['<!DOCTYPE html>', ' <html>', '<head>', '<body>', '\xff\xfe<\0h\0t\0m\0l\0']],
    ['an XML document', ['<?xml version="1.0"?><a/>', '\n<?XML ?>']],
    ['JSON or another text', ['{"a": 1}', ' [1]']],
    ['text', ['words', 'svg <svg > behind words', 'a\n\tb\x1b', '\xff\xfew\0o\0']],
    ['nothing but zero bytes', ['\0', '\0'.repeat(2000)]],
    ['data of an unknown kind', ['\x01\x02', '{\x01', '\xff', '\xff\0w', 'w\x7f']],
  ])('%s, which is no image', (name, heads) => {
    for (const head of heads)
      expect(sniffFormat(bytes(head)), JSON.stringify(head)).toEqual({ kind: 'notAnImage', name });
  });

  test('is text where a character is cut at its end', () => {
    expect(sniffFormat(Buffer.concat([Buffer.from('a'.repeat(1023)), Buffer.from('é')]))).toMatchObject({
      name: 'text',
    });
  });
});
