import { setTimeout as delay } from 'node:timers/promises';

/** How often a Read operation is asked whether it has ended: its own time is what is measured, not that of asking. */
const POLL_MS = 20;

/**
 * The calls of the pipeline about one image, taken apart so that each makes the engine run one more part of it: what a
 * call before has found is not looked for again.
 */
export const STAGES = {
  'decode, colour': (url, image) => analyze(url, image, 'Color'),
  objects: (url, image) => analyze(url, image, 'Objects'),
  adult: (url, image) => analyze(url, image, 'Adult'),
  faces: detect,
  text: (url, image) => analyze(url, image, 'Tags'),
  read,
} satisfies Record<string, (url: string, image: Buffer) => Promise<unknown>>;

export type Stage = keyof typeof STAGES;

/** What the seven steps ask about one image. */
export async function wholeImage(url: string, image: Buffer): Promise<void> {
  await analyze(url, image, 'Categories,Tags,Description,Faces,Objects,Color,Adult');
  await read(url, image);
  await detect(url, image);
}

function analyze(url: string, image: Buffer, features: string): Promise<Response> {
  return post(`${url}/vision/v3.2/analyze?visualFeatures=${features}`, image);
}

function detect(url: string, image: Buffer): Promise<Response> {
  return post(`${url}/face/v1.0/detect?returnFaceLandmarks=true&returnFaceAttributes=blur,headPose`, image);
}

async function read(url: string, image: Buffer): Promise<void> {
  const submitted = await post(`${url}/vision/v3.2/read/analyze`, image);
  const operation = submitted.headers.get('operation-location') ?? '';
  for (;;) {
    const { status } = (await (await fetch(operation)).json()) as { status: string };
    if (status === 'succeeded') return;
    if (status === 'failed') throw new Error('The engine failed to read an image.');
    await delay(POLL_MS);
  }
}

async function post(url: string, image: Buffer): Promise<Response> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(image),
  });
  if (!response.ok) throw new Error(`The engine answered ${response.status} to ${new URL(url).pathname}.`);
  // The body is read to its end: a connection left half read is not used again.
  const body = await response.arrayBuffer();
  return new Response(body, { headers: response.headers });
}
