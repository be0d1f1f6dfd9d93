import type { OrientedBox } from './oriented-box.ts';

/** A recognised line, or a piece of one, with its words. */
export interface TextLine {
  box: OrientedBox;
  text: string;
  /** Mean over its characters, 0 to 1. */
  confidence: number;
  words: Array<{ text: string; confidence: number; box: OrientedBox }>;
  /** BCP 47, where it is known. */
  language?: string;
  /** Whether its words follow each other from the right. */
  rightToLeft?: boolean;
}
