import sharp from 'sharp';
import * as make from '../../support/images.ts';
import { previewPage, rgbPage, sensorPage, tiffFile } from '../../support/tiff.ts';

/** A file as the field sends it, made by code, and what is to become of it. */
export interface OddFile {
  name: string;
  bytes: Buffer;
  /** `done`, whatever its warnings; `rejected` with this code. */
  expected: 'done' | { rejected: string };
  /** Code of a warning that its row has. */
  warning?: string;
}

type Encoded = Buffer | Promise<Buffer>;
type Kind = [name: string, bytes: () => Encoded, expected?: OddFile['expected'], warning?: string];

const photo = (seed = 1, width = 320, height = 240) => make.noise(width, height, seed);
const sizes = [1, 2, 7, 16, 31, 49, 50, 51, 64];

const encoders: Record<string, (image: make.Rgb) => Encoded> = {
  jpg: (image) => make.jpeg(image),
  png: (image) => make.png(image),
  gif: (image) => make.gif(image),
  webp: (image) => make.webp(image),
  tif: (image) => make.tiff(image),
  bmp: (image) => make.bmp(image),
};

const small = Object.entries(encoders).flatMap(([ending, encode]) =>
  sizes.map((side): Kind => {
    const name = `small-${side}.${ending}`;
    const bytes = () => encode(photo(side, side, side));
    return side > 50 ? [name, bytes] : [name, bytes, 'done', 'ImageSmall'];
  }),
);

const shapes = [
  [2000, 60],
  [60, 2000],
  [9000, 52],
  [52, 9000],
  [11_000, 80],
] as const;
const long = shapes.flatMap(([width, height]): Kind[] =>
  ['jpg', 'png', 'tif'].map((ending) => [
    `long-${width}x${height}.${ending}`,
    () => (encoders[ending] ?? make.jpeg)(make.quadrants(width, height)),
  ]),
);

const cut = ['jpg', 'png', 'tif', 'gif', 'webp', 'bmp'].flatMap((ending): Kind[] =>
  [0.5, 0.9, 0.98].map((part) => [
    `cut-${part}.${ending}`,
    async () => make.truncated(await (encoders[ending] ?? make.jpeg)(photo(5)), part),
    ...(ending === 'jpg' || ending === 'png'
      ? (['done', 'ImageDamaged'] as const)
      : ([{ rejected: 'BrokenImage' }] as const)),
  ]),
);

const turned = [1, 2, 3, 4, 5, 6, 7, 8].map(
  (orientation): Kind => [
    `turned-${orientation}.jpg`,
    () => make.orientedJpeg(orientation, make.quadrants(160, 120)),
  ],
);

const spaces: Kind[] = [
  ['grey.jpg', () => make.greyscaleJpeg(photo())],
  ['cmyk.jpg', () => make.cmykJpeg(photo())],
  ['sixteen-bits.png', () => make.sixteenBitPng(photo())],
  ['palette.png', () => make.palettePng(photo())],
  ['transparent.png', () => make.transparentPng(200, 100)],
  ['progressive.jpg', () => make.jpeg(photo(), { progressive: true })],
  ['with-profile.jpg', () => make.photographWithMetadata(photo())],
  ['interlaced.png', () => make.png(photo(), { progressive: true })],
  ['lossless.webp', () => make.webp(photo(), { lossless: true })],
  ['blank-white.png', () => make.png(make.blank(300, 200))],
  ['blank-black.jpg', () => make.jpeg(make.blank(300, 200, 0))],
  ['blank.tif', () => make.tiff(make.blank(300, 200))],
  ['trailing.jpg', async () => make.withTrailingBytes(await make.jpeg(photo()))],
  ['no-eoi.jpg', async () => (await make.jpeg(photo())).subarray(0, -2), 'done', 'ImageDamaged'],
];

const tiffs: Kind[] = [
  ...(['none', 'lzw', 'deflate', 'packbits', 'jpeg'] as const).map(
    (compression): Kind => [`tiff-${compression}.tif`, () => make.tiff(photo(), { compression })],
  ),
  ['tiff-tiled.tif', () => make.tiff(photo(), { tile: true })],
  ['tiff-pyramid.tif', () => make.tiff(photo(3, 700, 500), { tile: true, pyramid: true })],
  [
    'tiff-grey-16.tif',
    () =>
      sharp(Buffer.alloc(200 * 100 * 3, 90), { raw: { width: 200, height: 100, channels: 3 } })
        .toColourspace('grey16')
        .tiff()
        .toBuffer(),
  ],
  ...[34_925, 50_000, 34_712, 34_661].map(
    (number): Kind => [
      `tiff-compression-${number}.tif`,
      () => tiffFile([rgbPage(photo(), { 259: number })]),
      { rejected: 'UnsupportedImageFormat' },
    ],
  ),
  [
    'tiff-12-bits.tif',
    () => tiffFile([rgbPage(photo(), { 258: [12, 12, 12] })]),
    { rejected: 'UnsupportedImageFormat' },
  ],
  ['tiff-two-pages.tif', () => tiffFile([rgbPage(photo(1)), rgbPage(photo(2))])],
  [
    'tiff-nine-pages.tif',
    () => tiffFile(Array.from({ length: 9 }, (_, n) => rgbPage(photo(n + 1, 300, 2400)))),
    'done',
    'PagesNotRead',
  ],
  [
    'tiff-thumbnail-first.tif',
    () => tiffFile([rgbPage(make.blank(80, 60, 99), { 254: 1 }), rgbPage(photo())]),
  ],
  [
    'tiff-page-of-lzma.tif',
    () => tiffFile([rgbPage(photo()), rgbPage(photo(), { 259: 34_925 })]),
    'done',
    'PagesNotRead',
  ],
];

const raws: Kind[] = ['dng', 'nef', 'arw', 'cr2', 'pef'].flatMap((ending): Kind[] => [
  [
    `raw.${ending}`,
    async () =>
      tiffFile([{ ...sensorPage(4000, 3000), subIfds: [previewPage(await make.jpeg(photo(8, 800, 600)))] }]),
    'done',
    'RawPreviewUsed',
  ],
  [
    `raw-without-preview.${ending}`,
    async () => tiffFile([sensorPage(4000, 3000), previewPage(await make.jpeg(photo(8, 160, 120)))]),
    { rejected: 'UnsupportedImageFormat' },
  ],
]);

const animations: Kind[] = (['gif', 'webp'] as const).flatMap((format): Kind[] => [
  [`animated.${format}`, () => make.animation(format, [photo(1), photo(2)]), 'done', 'FramesNotRead'],
  [
    `blank-first.${format}`,
    () => make.animation(format, [make.blank(320, 240), photo(2)]),
    'done',
    'FramesNotRead',
  ],
  [`all-blank.${format}`, () => make.animated(format, 3, 100, 80), 'done', 'FramesNotRead'],
]);

const bmps: Kind[] = ([16, 40, 64] as const).flatMap((headerSize): Kind[] =>
  ([24, 32] as const).map((depth) => [
    `os2-${headerSize}-${depth}.bmp`,
    () => make.bmp(photo(), { depth, headerSize }),
  ]),
);

const refused: Kind[] = Object.entries(make.REFUSED).flatMap(([name, { code, bytes }]): Kind[] =>
  ['jpg', 'tif'].map((ending) => [`refused-${name}.${ending}`, () => bytes, { rejected: code }]),
);

const oddNames = [
  'spaces in it .jpg',
  'ümläut.jpg',
  'nfd-é.jpg',
  '写真.jpg',
  'صورة.jpg',
  '50%.jpg',
  'a+b&c=d.jpg',
  "quote's.jpg",
  '#hash?.jpg',
  'emoji-📷.jpg',
  'CAPITALS.JPG',
  'two.dots.jpeg',
  `${'long'.repeat(40)}.jpg`,
].map((name, index): Kind => [name, () => make.jpeg(photo(100 + index))]);

const texts: Kind[] = [
  [
    'png-300-texts.png',
    () =>
      make.pngWithChunks(
        Array.from({ length: 300 }, (_, n) => ({
          type: 'iTXt',
          content: Buffer.from(`k${n}\0\0\0\0\0text`),
        })),
        photo(),
      ),
  ],
  ['png-17-packed.png', async () => make.pngTextBomb(17, 1000)],
  ['png-text-bomb.png', async () => make.pngTextBomb(60, 7_000_000), { rejected: 'ImageTooMuchMetadata' }],
  ['png-bomb.png', () => make.pngBomb(), { rejected: 'ImageTooManyPixels' }],
  ['many-pages.tif', () => make.tiffOfManyPages(1500), { rejected: 'ImageTooManyPages' }],
];

const plenty: Kind[] = Array.from({ length: 40 }, (_, n) => [
  `plain-${n}.jpg`,
  () => make.jpeg(photo(200 + n)),
]);

/** More than two hundred files; no two have one name. */
export async function oddFiles(): Promise<OddFile[]> {
  const kinds = [
    ...[small, long, cut, turned, spaces, tiffs, raws, animations, bmps, refused, oddNames, texts, plenty],
  ].flat();
  const files: OddFile[] = [];
  for (const [name, bytes, expected = 'done', warning] of kinds) {
    files.push({ name, bytes: await bytes(), expected, ...(warning !== undefined && { warning }) });
  }
  return files;
}
