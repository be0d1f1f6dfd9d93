import sharp from 'sharp';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { drawPage, tilt } from '../../../../bench/accuracy/text/page.ts';
import { createAnalyzer } from '../../../../src/local/vision/analyzer.ts';
import { sample } from './support/images.ts';

// What the machine's own Tesseract could read must not decide what these tests see.
vi.stubEnv('TESSDATA_PREFIX', '/nowhere');
const analyzer = createAnalyzer();
afterAll(() => analyzer.close());

const read = async (picture: Uint8Array) => (await analyzer.analyze(picture, ['text'])).text;
const linesOf = async (picture: Uint8Array) => (await read(picture)).lines.map(({ text }) => text);
const notice = (lines: readonly string[], align: 'left' | 'right' = 'left') =>
  drawPage({
    width: 1000,
    height: 120 + lines.length * 56,
    paper: '#ffffff',
    blocks: [{ lines, left: align === 'left' ? 60 : 940, top: 50, size: 34, align }],
  });

const LINES = [
  'The school is closed',
  'Water is handed out here',
  'Ask for the blue vest',
  'Gate B at 17:45',
];

describe('the order of lines', () => {
  test.each([5, -12, 20])('of a page tilted by %i degrees is that of the page', async (degrees) => {
    const { lines, angle } = await read(await tilt(await notice(LINES), degrees, '#ffffff'));
    expect(lines.map(({ text }) => text)).toEqual(LINES);
    expect(Math.abs(angle - degrees)).toBeLessThan(1.5);
  });

  test.each([90, 180, 270])('and of one turned by %i degrees', async (degrees) => {
    const turned = await sharp(await notice(LINES))
      .rotate(degrees)
      .png()
      .toBuffer();
    expect(await linesOf(turned)).toEqual(LINES);
  });
});

describe('tall and wide pictures', () => {
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => `Notice number ${i + 101}`);

  test('each line of a tall one is read, and none twice', async () => {
    const lines = numbered(70);
    const blocks = [{ lines, left: 40, top: 40, size: 34, leading: 3.3 }];
    expect(await linesOf(await drawPage({ width: 790, height: 8000, paper: '#ffffff', blocks }))).toEqual(
      lines,
    );
  });

  test('a line that runs through the windows of a wide one is one line', async () => {
    const line = numbered(18).join(', ');
    const blocks = [{ lines: [line], left: 60, top: 240, size: 36 }];
    const [found, ...others] = await linesOf(
      await drawPage({ width: 8000, height: 600, paper: '#ffffff', blocks }),
    );
    expect(others).toEqual([]);
    expect(found?.replaceAll(' ', '')).toBe(line.replaceAll(' ', ''));
  });
});

describe('signs', () => {
  test.each(['7', 'A', '42', '105'])('"%s" alone on a board is read', async (text) => {
    const board = [
      { lines: [text], left: 300, top: 180, size: 160, font: 'DejaVu Sans Bold' as const, ink: '#ffffff' },
    ];
    expect(
      await linesOf(await drawPage({ width: 900, height: 600, paper: '#1d5fa8', blocks: board })),
    ).toEqual([text]);
  });
});

describe('scripts that the recogniser does not know', () => {
  const russian = ['Пункт регистрации открыт', 'Вода выдаётся за школой', 'РЕСТОРАН'];

  test('Cyrillic without data for it is left out and said, look-alike words among it, too', async () => {
    const { lines, unread = [] } = await read(await notice(russian));
    expect(lines).toEqual([]);
    expect(unread.map(({ script }) => script)).toContain('Cyrillic');
  });

  test('Latin lines beside it are read', async () => {
    const { lines, unread = [] } = await read(
      await notice([LINES[0] ?? '', russian[0] ?? '', LINES[2] ?? '']),
    );
    expect(lines.map(({ text }) => text)).toEqual([LINES[0], LINES[2]]);
    expect(unread).toEqual([expect.objectContaining({ script: 'Cyrillic' })]);
  });

  test.each([
    ['ar', ['مكتب التسجيل يفتح في الثامنة صباحا', 'المساعدة الطبية متاحة للجميع']],
    ['fa', ['لطفا عکس فرد گمشده را بیاورید', 'آب و پتو پشت مدرسه پخش می شود']],
  ])(
    '%s is read by the data that the package holds, its words in their order',
    async (language, expected) => {
      const { lines, unread } = await read(await notice(expected, 'right'));
      expect(lines.map(({ text }) => text)).toEqual(expected);
      expect(lines.map((line) => line.language)).toEqual([language, language]);
      expect(unread).toEqual([]);
      const [first, last] = [lines[0]?.words[0], lines[0]?.words.at(-1)];
      expect(first?.quad[0].x).toBeGreaterThan(last?.quad[0].x ?? 0);
    },
  );
});

test('small print on a photograph is found where it is asked for as a page', async () => {
  const photograph = await sharp(sample('person-a-1')).resize({ width: 1800 }).png().toBuffer();
  const { width = 0, height = 0 } = await sharp(photograph).metadata();
  const caption = 'Archive no. 4711, photographed on 3 March 2025';
  const blocks = [{ lines: [caption], left: 40, top: height - 60, size: 24, ink: '#ffffff' }];
  const lettering = await drawPage({ width, height, paper: undefined, blocks });
  const picture = await sharp(photograph)
    .composite([{ input: lettering }])
    .png()
    .toBuffer();
  const { page } = await analyzer.analyze(picture, ['page']);
  expect(page.lines.map(({ text }) => text)).toEqual([caption]);
});
