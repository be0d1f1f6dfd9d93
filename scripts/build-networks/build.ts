import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageDirectory } from '../../src/local/vision/models/packages.ts';
import { readModel, writeModel } from '../onnx/editable-graph.ts';
import { toOnnx } from './convert.ts';
import { SOURCES, type Source } from './networks.ts';
import { simplify } from './simplify.ts';
import { startTensorFlow } from './tensorflow.ts';
import { type EditedSource, TEXT_SOURCES } from './text/networks.ts';
import { trace } from './trace.ts';

export interface Built {
  name: string;
  bytes: number;
}

/**
 * Writes the networks of `sources` as ONNX files into `folder`, those whose source or converter has changed since.
 * The same sources make the same bytes.
 *
 * @returns what was written; nothing where all was there
 */
export async function buildNetworks(
  folder: string,
  sources: readonly (Source | EditedSource)[] = [...SOURCES, ...TEXT_SOURCES],
): Promise<Built[]> {
  const built: Built[] = [];
  const converter = fingerprintOfConverter();
  for (const source of sources) {
    const { name } = 'edit' in source ? source : source.signature;
    const [file, stamp] = [join(folder, `${name}.onnx`), join(folder, `${name}.source`)];
    const now = fingerprint(source, converter);
    if (existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) continue;
    const model = 'edit' in source ? source.edit(readFileSync(fileOf(source))) : await convert(source);
    mkdirSync(folder, { recursive: true });
    // The stamp last, each file whole or not at all: a build that was stopped, or runs twice at once, does no harm.
    for (const [path, content] of [
      [file, model],
      [stamp, now],
    ] as const) {
      writeFileSync(`${path}.${process.pid}`, content);
      renameSync(`${path}.${process.pid}`, path);
    }
    built.push({ name, bytes: model.length });
  }
  return built;
}

async function convert({ signature, input, load }: Source): Promise<Buffer> {
  const { tf } = await startTensorFlow();
  const run = await load(tf);
  const pixels = tf.zeros([...input]);
  try {
    const traced = toOnnx(await trace(tf, run, pixels), signature);
    return writeModel(simplify(readModel(traced)));
  } finally {
    pixels.dispose();
  }
}

const fileOf = ({ from }: EditedSource): string => join(packageDirectory(from.package), from.files[0]);

function fingerprint(source: Source | EditedSource, converter: string): string {
  const own = 'edit' in source ? [source.name] : [source.input, source.signature];
  const hash = createHash('sha256').update(converter).update(JSON.stringify(own));
  const { from } = source;
  for (const file of from.files) hash.update(readFileSync(join(packageDirectory(from.package), file)));
  return hash.digest('hex');
}

/** Of the code that traces and writes. */
function fingerprintOfConverter(): string {
  const hash = createHash('sha256');
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  for (const file of globSync(['build-networks/**/*.ts', 'onnx/*.ts'], { cwd }).sort())
    hash.update(file).update(readFileSync(join(cwd, file)));
  return hash.digest('hex');
}
