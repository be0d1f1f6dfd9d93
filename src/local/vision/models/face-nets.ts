import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Point } from '../analysis.ts';
import { installChainedOps } from './chained-ops.ts';
import { packageDirectory } from './packages.ts';
import { type Runtime, startTensorFlow, type Tensor } from './tensorflow.ts';

/** The part of @vladmandic/face-api that the engine uses. */
interface FaceApi {
  nets: {
    ssdMobilenetv1: Net & {
      locateFaces(
        image: Tensor,
        options: { minConfidence: number; maxResults: number },
      ): Promise<Detection[]>;
    };
    faceLandmark68Net: Net & {
      detectLandmarks(face: Tensor): Promise<{ relativePositions: Point[] }>;
    };
    faceRecognitionNet: Net & { computeFaceDescriptor(chip: Tensor): Promise<Float32Array> };
  };
}

interface Net {
  loadFromDisk(folder: string): Promise<void>;
}

interface Detection {
  score: number;
  box: { x: number; y: number; width: number; height: number };
}

export interface FaceNets {
  runtime: Runtime;
  detector: FaceApi['nets']['ssdMobilenetv1'];
  landmarks: FaceApi['nets']['faceLandmark68Net'];
  faceprint: FaceApi['nets']['faceRecognitionNet'];
}

/** Loads the three networks, whose weights are inside the package, onto the WebAssembly backend. */
export async function loadFaceNets(): Promise<FaceNets> {
  const runtime = await startTensorFlow();
  installChainedOps(runtime.tf);
  const home = packageDirectory('@vladmandic/face-api');
  const require = createRequire(import.meta.url);
  const { nets } = require(join(home, 'dist', 'face-api.node-wasm.js')) as FaceApi;
  const used = {
    detector: nets.ssdMobilenetv1,
    landmarks: nets.faceLandmark68Net,
    faceprint: nets.faceRecognitionNet,
  };
  await Promise.all(Object.values(used).map((net) => net.loadFromDisk(join(home, 'model'))));
  return { runtime, ...used };
}
