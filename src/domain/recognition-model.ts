/**
 * The models that faceprints are made with. Prints of two models say nothing about each other: each list, pair of faces,
 * candidate and calibration is of one model, and what stands behind a name never changes.
 */
export interface RecognitionModel {
  /** As the service is told. */
  readonly id: string;
  /** Its part in the names of lists and tables; none for the model that there was before there was a choice. */
  readonly tag: string;
  /** What answers to it. */
  readonly by: readonly ('service' | 'engine')[];
  readonly title: string;
  /** Whether the published figures of the engine were measured with it. */
  readonly measured: boolean;
}

/** The model of an archive in which nobody has switched. */
export const FIRST_MODEL = 'recognition_04';

export const RECOGNITION_MODELS: readonly RecognitionModel[] = [
  {
    id: FIRST_MODEL,
    tag: '',
    by: ['service', 'engine'],
    title: "the Face service's model of 2021; of the engine, the print of a face as it stands",
    measured: true,
  },
  {
    id: 'recognition_03',
    tag: 'r03',
    by: ['service'],
    title: "the Face service's model of 2020",
    measured: false,
  },
  {
    id: 'imaginem_02',
    tag: 'i02',
    by: ['engine'],
    title: "the engine's second: the mean of a face's print and of its mirror image's",
    measured: false,
  },
];

export const recognitionModel = (id: string): RecognitionModel | undefined =>
  RECOGNITION_MODELS.find((model) => model.id === id);

/** The Face service's own hosts; whatever else answers is the engine of this project. */
const FACE_SERVICE = /\.(cognitiveservices\.azure\.(com|us|cn)|api\.cognitive\.microsoft\.com)$/i;

/** What answers at this address; undefined where there is none. */
export function answersAt(faceEndpoint: string | undefined): 'service' | 'engine' | undefined {
  if (faceEndpoint === undefined || !URL.canParse(faceEndpoint)) return undefined;
  return FACE_SERVICE.test(new URL(faceEndpoint).hostname) ? 'service' : 'engine';
}

/** Models that one can switch to where this address answers. */
export function modelsAt(faceEndpoint: string | undefined): RecognitionModel[] {
  const who = answersAt(faceEndpoint);
  return RECOGNITION_MODELS.filter(({ by }) => who !== undefined && by.includes(who));
}
