import { subject } from '../../audit/subject.ts';
import type { StoredImage } from '../../results/rows.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { findImage } from '../find-image.ts';
import { imageJson } from '../format/image-json.ts';
import { imageName } from '../format/image-name.ts';
import { matchLines } from '../format/match-lines.ts';
import { printable } from '../format/printable.ts';
import { whoIsThis } from '../who.ts';

const NOTE =
  'A match is only ever a possible match: two faces that look alike. Whether they are the same person, a human decides.';

export const addMatches: AddCommand = (program, context) => {
  program
    .command('matches')
    .description('other images that may show the same faces as one image')
    .argument('<image>', 'its id, its name in the container (batch/name), or its image_url')
    .option('--json', 'a JSON array of matches')
    .addHelpText('after', `${examples('imaginem matches samples/group.jpg')}\n\n${NOTE}`)
    .action((image: string, options: { json?: boolean }) => matches(image, options, context));
};

async function matches(
  asked: string,
  options: { json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const store = await (await connect()).results();
  const image = await findImage(store, asked);
  if (!image) {
    throw new CliError(
      'There is no row of such an image. "imaginem results" lists those that have one, "imaginem status" counts those under way.',
    );
  }
  await store.audit.record({
    who: whoIsThis(),
    action: 'face.matches.read',
    about: [subject.image(image.id)],
    detail: { matches: image.matches.length },
  });
  if (options.json) {
    screen.line(JSON.stringify(imageJson(image).matches, undefined, 2));
    return;
  }
  if (image.matches.length === 0) {
    screen.line(`${imageName(image.imageUrl)} has no possible match: ${whyNone(image)}`);
    return;
  }
  for (const line of matchLines(image)) screen.line(line);
}

function whyNone({ faces, steps, reason }: StoredImage): string {
  const onTheWay = [steps.facedetection, steps.faceprint, steps.facematch];
  const why = reason ?? onTheWay.find((step) => step !== undefined && step.state !== 'done')?.error;
  if (why) return printable(why.message);
  // A pipeline of its own may have had none of these steps.
  if (!steps.facedetection) return 'its pipeline did not look for faces. "imaginem rerun" can.';
  if (faces.length === 0) return 'no face was found in it.';
  if (!steps.facematch) return 'its pipeline did not compare its faces. "imaginem rerun" can.';
  return 'none of its faces looks like another.';
}
