import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageDirectory } from '../../src/local/vision/models/packages.ts';
import { installChainedOps } from './chained-ops.ts';
import { startTensorFlow, type Tensor } from './tensorflow.ts';

/** The part of @vladmandic/face-api that is traced: its networks, without what it does before and after them. */
interface FaceApi {
  toNetInput(image: Tensor): Promise<NetInput>;
  /** Boxes and scores of every anchor, one tensor per image. */
  detector: Net & { forwardInput(input: NetInput): { boxes: Tensor[]; scores: Tensor[] } };
  landmarks: Net & { runNet(input: NetInput): Tensor };
  faceprint: Net & { forwardInput(input: NetInput): Tensor };
}

/** The library's own batch of images. */
type NetInput = object;

interface Net {
  loadFromDisk(folder: string): Promise<void>;
}

interface Library {
  toNetInput: FaceApi['toNetInput'];
  nets: {
    ssdMobilenetv1: FaceApi['detector'];
    faceLandmark68Net: FaceApi['landmarks'];
    faceRecognitionNet: FaceApi['faceprint'];
  };
}

let loaded: Promise<FaceApi> | undefined;

/** Loads the three networks, whose weights are inside the package. */
export function loadFaceApi(): Promise<FaceApi> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<FaceApi> {
  installChainedOps((await startTensorFlow()).tf);
  const home = packageDirectory('@vladmandic/face-api');
  const { nets, toNetInput } = createRequire(import.meta.url)(
    join(home, 'dist', 'face-api.node-wasm.js'),
  ) as Library;
  const used = {
    detector: nets.ssdMobilenetv1,
    landmarks: nets.faceLandmark68Net,
    faceprint: nets.faceRecognitionNet,
  };
  for (const net of Object.values(used)) await net.loadFromDisk(join(home, 'model'));
  return { toNetInput, ...used };
}
