import type { Rectangle } from '../../domain/rectangle.ts';

/**
 * What the engine's models know about one image, free of any wire format: the seam between the models (worker
 * threads) and the HTTP server that answers like the services.
 */

export interface Point {
  x: number;
  y: number;
}

/** Pixels of the upright image. */
export type Box = Rectangle;

export interface AnalyzedFace {
  box: Box;
  /** Detector score, 0 to 1. */
  score: number;
  /** 68 points of the iBUG layout, pixels of the upright image. */
  landmarks: Point[];
  /** How far a second look moved the landmarks, in sizes of the face: 0.02 is steady, 0.05 is hardly a face. */
  landmarkShift: number;
  /** 128 floats; Euclidean distance compares two. */
  faceprint: number[];
  /** Degrees; yaw and pitch approximate. */
  pose: { roll: number; yaw: number; pitch: number };
  /** Variance of the Laplacian on the aligned 150 x 150 chip: sharpness. */
  sharpness: number;
  /** Mean luma of the chip, 0 to 255. */
  luma: number;
  /** Estimated noise sigma of the chip, 0 to 255. */
  noise: number;
}

export interface AnalyzedWord {
  text: string;
  /** 0 to 1. */
  confidence: number;
  /** Four corners clockwise from the text's own top left, pixels of the upright image. */
  quad: [Point, Point, Point, Point];
}

export interface AnalyzedLine {
  text: string;
  confidence: number;
  quad: [Point, Point, Point, Point];
  words: AnalyzedWord[];
  /** BCP 47, where it is known. */
  language?: string;
}

/** A line that was found and not read: it is left out rather than guessed. */
export interface UnreadText {
  quad: [Point, Point, Point, Point];
  /** As Unicode names it; left out where it could be several. */
  script?: string;
}

export interface AnalyzedText {
  /** In reading order. */
  lines: AnalyzedLine[];
  unread?: UnreadText[];
  /** Degrees clockwise by which the text as a whole is turned, -180 to 180. */
  angle: number;
}

export interface AnalyzedObject {
  /** COCO-80 label. */
  label: string;
  /** 0 to 1. */
  score: number;
  box: Box;
}

export interface AnalyzedColour {
  /** Names as Computer Vision uses them: Black, Blue, Brown, Grey, Green, Orange, Pink, Purple, Red, Teal, White, Yellow. */
  dominantForeground: string;
  dominantBackground: string;
  dominant: string[];
  /** RRGGBB. */
  accent: string;
  blackAndWhite: boolean;
}

/** Class scores of the adult classifier, 0 to 1: a hint, never a block. */
export interface AnalyzedAdult {
  adult: number;
  racy: number;
}

/** Size and stored format of an image that decodes. */
export interface ImageInfo {
  /** Of the upright image. */
  width: number;
  height: number;
  format: 'Jpeg' | 'Png' | 'Gif' | 'Bmp';
}

/** The parts an analysis can be asked for; each is computed at most once per image while it stays in the cache. */
export interface Analysis {
  info: ImageInfo;
  faces: AnalyzedFace[];
  /** The same faces, their prints by the second model: the mean of a face and its mirror image. Slower. */
  mirroredFaces: AnalyzedFace[];
  text: AnalyzedText;
  /** The same, small print on photographs included: slower. */
  page: AnalyzedText;
  objects: AnalyzedObject[];
  colour: AnalyzedColour;
  adult: AnalyzedAdult;
}

export type AnalysisPart = keyof Analysis;

/** The bytes are not an image of a format the services take, or do not decode. */
export class UndecodableImageError extends Error {
  override readonly name = 'UndecodableImageError';
}

/** Runs models over images. Safe for concurrent calls; an image under way twice is computed once. */
export interface Analyzer {
  /**
   * @param bytes JPEG, PNG, GIF (first frame) or BMP
   * @throws {UndecodableImageError}
   */
  analyze<P extends AnalysisPart>(bytes: Uint8Array, parts: readonly P[]): Promise<Pick<Analysis, P>>;
  close(): Promise<void>;
}
