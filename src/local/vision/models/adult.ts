import type { AnalyzedAdult } from '../analysis.ts';
import type { Frame } from './decode.ts';
import { stretch } from './pixels.ts';
import { openNetwork } from './session.ts';
import { squareOf } from './square.ts';

const INPUT_SIDE = 224;

type AdultReader = (frame: Frame) => Promise<AnalyzedAdult>;

/**
 * Loads nsfwjs's MobileNetV2Mid. `adult` is the sum of the classes porn and hentai, `racy` that plus the class sexy.
 */
export async function createAdultReader(): Promise<AdultReader> {
  const network = await openNetwork('adult', ['classes']);
  return async ({ pixels }) => {
    const { classes } = await network((await stretch(await squareOf(pixels), INPUT_SIDE, INPUT_SIDE)).data);
    const [, hentai = 0, , porn = 0, sexy = 0] = classes;
    const adult = Math.min(1, hentai + porn);
    return { adult, racy: Math.min(1, adult + sexy) };
  };
}
