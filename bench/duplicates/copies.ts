import sharp from 'sharp';

/** What people and programs do to a photograph on its way: each makes a copy that should be found. */
export const copies: Readonly<Record<string, (original: Buffer) => Promise<Buffer>>> = {
  'resized to 25 %': (bytes) => resized(bytes, 0.25),
  'resized to 200 %': (bytes) => resized(bytes, 2),
  'stretched by 10 %': async (bytes) => {
    const { width, height } = await sharp(bytes).metadata();
    return sharp(bytes)
      .resize(Math.round(width * 1.1), height, { fit: 'fill' })
      .jpeg()
      .toBuffer();
  },
  'recompressed, JPEG 20': (bytes) => sharp(bytes).jpeg({ quality: 20 }).toBuffer(),
  'recompressed, WebP 30': (bytes) => sharp(bytes).webp({ quality: 30 }).toBuffer(),
  'black and white': (bytes) => sharp(bytes).greyscale().jpeg().toBuffer(),
  'warmer and stronger colours': (bytes) =>
    sharp(bytes).modulate({ saturation: 1.5, hue: 12 }).jpeg().toBuffer(),
  'darker, more contrast': (bytes) => sharp(bytes).linear(1.25, -40).jpeg().toBuffer(),
  'brighter (gamma 1.6)': (bytes) => sharp(bytes).gamma(1.6, 1).jpeg().toBuffer(),
  blurred: (bytes) => sharp(bytes).blur(2.5).jpeg().toBuffer(),
  'cropped by 2 %': (bytes) => cropped(bytes, 0.02),
  'cropped by 5 %': (bytes) => cropped(bytes, 0.05),
  'cropped by 10 %': (bytes) => cropped(bytes, 0.1),
};

async function resized(bytes: Buffer, scale: number): Promise<Buffer> {
  const { width } = await sharp(bytes).metadata();
  return sharp(bytes)
    .resize(Math.round(width * scale))
    .jpeg({ quality: 85 })
    .toBuffer();
}

/** Takes a share of the width and height away, more of it at the left and top. */
async function cropped(bytes: Buffer, share: number): Promise<Buffer> {
  const { width, height } = await sharp(bytes).metadata();
  const region = {
    left: Math.round(width * share * 0.7),
    top: Math.round(height * share * 0.7),
    width: Math.round(width * (1 - share)),
    height: Math.round(height * (1 - share)),
  };
  return sharp(bytes).extract(region).jpeg({ quality: 85 }).toBuffer();
}
