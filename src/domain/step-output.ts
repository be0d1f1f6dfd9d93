/** The steps of the default pipeline: what they find has places of its own wherever people look. */
const FAMILIAR_STEPS: ReadonlySet<string> = new Set([
  'generalclassification',
  'ocr',
  'facedetection',
  'facecrop',
  'faceprint',
  'facematch',
  'pipelineoutput',
]);

/** Outputs of steps that somebody has added, by step. */
export const addedOutputs = (outputs: Readonly<Record<string, unknown>>): [string, unknown][] =>
  Object.entries(outputs).filter(([step]) => !FAMILIAR_STEPS.has(step));

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The field that a path names (`face.angle`), or undefined. */
export const fieldAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, name) => (isObject(part) ? part[name] : undefined), value);
