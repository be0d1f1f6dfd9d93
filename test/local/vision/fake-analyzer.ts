import {
  type Analysis,
  type AnalysisPart,
  type AnalyzedFace,
  type AnalyzedObject,
  type AnalyzedText,
  type Analyzer,
  type Box,
  UndecodableImageError,
} from '../../../src/local/vision/analysis.ts';

/** A picture in words: what the fake analyzer "sees" in the bytes that `picture` makes. */
export interface Scene {
  width?: number;
  height?: number;
  faces?: SceneFace[];
  text?: AnalyzedText;
  page?: AnalyzedText;
  objects?: AnalyzedObject[];
  blackAndWhite?: boolean;
  adult?: { adult: number; racy: number };
}

interface SceneFace {
  /** Faces of one person have nearly the same faceprint, faces of two are far apart. */
  person: number;
  box: Box;
  pose?: { roll: number; yaw: number; pitch: number };
  sharpness?: number;
  luma?: number;
  noise?: number;
}

const MAGIC = 'SCENE';

/** Added to a person's number for the print of the second model. */
const OTHER_MODEL = 500_000_000;

/** Bytes of a scene, long enough for Face's lower limit. */
export function picture(scene: Scene = {}, bytes = 2048): Buffer {
  const text = MAGIC + JSON.stringify(scene);
  return Buffer.from(text.padEnd(bytes, ' '));
}

/** A picture of people side by side, the first the largest. */
export function portrait(...people: number[]): Buffer {
  const faces = people.map((person, i) => ({
    person,
    box: { left: 20 + i * 300, top: 40, width: 200 - i, height: 200 - i },
  }));
  return picture({ width: 300 * Math.max(1, people.length) + 40, height: 400, faces });
}

/** 128 floats of length 1, the same for the same person; `wobble` tells two faces of one person apart. */
export function faceprintOf(person: number, wobble = 0): number[] {
  let state = (person * 2_654_435_761 + 1) >>> 0;
  const values = Array.from({ length: 128 }, () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
  const length = Math.hypot(...values);
  return values.map((value, i) => value / length + (i === 0 ? wobble : 0));
}

export interface FakeAnalyzer extends Analyzer {
  /** Calls that reached the models. */
  readonly calls: number;
  /** Resolves each analysis; replaced by tests that hold one up. */
  gate: () => Promise<void>;
}

export function createFakeAnalyzer(): FakeAnalyzer {
  let calls = 0;
  const analyzer: FakeAnalyzer = {
    get calls() {
      return calls;
    },
    gate: () => Promise.resolve(),
    async analyze<P extends AnalysisPart>(bytes: Uint8Array, parts: readonly P[]) {
      calls++;
      await analyzer.gate();
      const whole = toAnalysis(decode(bytes));
      return Object.fromEntries(parts.map((part) => [part, whole[part]])) as Pick<Analysis, P>;
    },
    close: () => Promise.resolve(),
  };
  return analyzer;
}

function decode(bytes: Uint8Array): Scene {
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.startsWith(MAGIC)) throw new UndecodableImageError('Not a scene.');
  return JSON.parse(text.slice(MAGIC.length)) as Scene;
}

function toAnalysis(scene: Scene): Analysis {
  return {
    info: { width: scene.width ?? 640, height: scene.height ?? 480, format: 'Jpeg' },
    faces: (scene.faces ?? []).map(toFace),
    // By another model the same person has quite another print.
    mirroredFaces: (scene.faces ?? []).map((face) => ({
      ...toFace(face),
      faceprint: faceprintOf(face.person + OTHER_MODEL, (face.box.left % 7) / 1000),
    })),
    text: scene.text ?? { lines: [], angle: 0 },
    page: scene.page ?? scene.text ?? { lines: [], angle: 0 },
    objects: scene.objects ?? [],
    colour: {
      dominantForeground: 'Grey',
      dominantBackground: 'White',
      dominant: ['White', 'Grey'],
      accent: '5A6B7C',
      blackAndWhite: scene.blackAndWhite ?? false,
    },
    adult: scene.adult ?? { adult: 0.01, racy: 0.02 },
  };
}

function toFace(face: SceneFace): AnalyzedFace {
  const { box } = face;
  return {
    box,
    score: 0.99,
    landmarks: Array.from({ length: 68 }, (_, i) => ({ x: box.left + i, y: box.top + 2 * i })),
    faceprint: faceprintOf(face.person, (box.left % 7) / 1000),
    pose: face.pose ?? { roll: 1.23, yaw: -4.56, pitch: 7.89 },
    sharpness: face.sharpness ?? 400,
    luma: face.luma ?? 128,
    noise: face.noise ?? 2,
    landmarkShift: 0.01,
  };
}
