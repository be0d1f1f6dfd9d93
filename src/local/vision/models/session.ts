import { InferenceSession } from 'onnxruntime-node';

/**
 * One thread: parallelism comes from worker threads. The arena keeps the memory of activations for the next image:
 * without it every one of them is mapped and unmapped by the kernel, which took two thirds of an image's processor
 * time. Memory patterns would be kept for every shape of input, and texts come in all shapes.
 */
const OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  enableCpuMemArena: true,
  enableMemPattern: false,
};

/** @param model path of an ONNX file, for a network that runs on this worker's thread */
export function openSession(model: string): Promise<InferenceSession> {
  return InferenceSession.create(model, OPTIONS);
}
