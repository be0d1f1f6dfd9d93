import { jobsNamed } from '../../admin/find-image.ts';
import type { App } from '../../app.ts';
import { subject } from '../../audit/subject.ts';
import { type Looked, lookedFor } from '../../domain/looked-for.ts';
import { figuresFor, matchWorth } from '../../domain/match-worth.ts';
import { readRecognition } from '../../results/recognition-state.ts';
import type { StoredImage } from '../../results/rows.ts';
import type { ResultStore } from '../../results/store.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { imageJson } from '../format/image-json.ts';
import { imageName } from '../format/image-name.ts';
import { matchLines, worthLine } from '../format/match-lines.ts';
import { whyNotCompared } from '../format/not-looked.ts';
import { IMAGE_ARGUMENT, type NamedImage, requireImage } from '../named-image.ts';
import { whoIsThis } from '../who.ts';

const NOTE =
  'A match is only ever a possible match: two faces that look alike. Whether they are the same person, a human decides.\nExit code 1 where the faces of the image were not compared: then that there is none cannot be said.';

export const addMatches: AddCommand = (program, context) => {
  program
    .command('matches')
    .description('other images that may show the same faces as one image')
    .argument('<image>', IMAGE_ARGUMENT)
    .option('--json', 'one JSON object: whether they were looked for, and the matches')
    .addHelpText('after', `${examples('imaginem matches samples/group.jpg')}\n\n${NOTE}`)
    .action((image: string, options: { json?: boolean }) => matches(image, options, context));
};

async function matches(
  asked: string,
  { json }: { json?: boolean },
  { connect, screen, exitWith }: CommandContext,
): Promise<void> {
  const connection = await connect();
  const store = await connection.results();
  // Rows can be read while nothing runs: then what is in the container is not known, and rows have to do.
  const app = await connection.app().catch((error: unknown) => {
    if (error instanceof CliError) return undefined;
    throw error;
  });
  const named = await requireImage(asked, { ...app, results: async () => store });
  const rows = await rowsOf(named, store, app);
  // Of several jobs of one picture the one whose faces were compared has the answer.
  const image = rows.find((row) => lookedFor(row).matches.state === 'looked') ?? rows[0];
  if (!image) {
    throw new CliError(
      `There is no row of ${named.name} yet. "imaginem why ${named.name}" says where it is.`,
    );
  }
  await store.audit.record({
    who: whoIsThis(),
    action: 'face.matches.read',
    about: [subject.image(image.id)],
    detail: { matches: image.matches.length },
  });
  const looked = lookedFor(image).matches;
  // What others have found in it stands, whether its own search was made or not.
  if (!isAnswered(looked) && image.matches.length === 0) exitWith(EXIT.failed);
  const { active } = await readRecognition(store.database);
  const source = figuresFor(connection.setting('FACE_ENDPOINT'), active);
  const faces = await store.counts.faces();
  if (json) {
    const found = imageJson(image).matches.map((match) => ({
      ...match,
      worth: matchWorth(match.confidence, faces, source),
    }));
    const answer = { id: image.id, image_url: image.imageUrl, looked_for: looked, matches: found };
    return screen.line(JSON.stringify(answer, undefined, 2));
  }
  for (const line of matchLines(image)) screen.line(line);
  const [best] = image.matches;
  if (best) screen.line(worthLine(matchWorth(best.confidence, faces, source)));
  if (image.matches.length === 0 || !isAnswered(looked))
    screen.line(`${imageName(image.imageUrl)}: ${whyNotCompared(image, looked)}`);
}

/** Whether it can be said that there are no others. */
const isAnswered = ({ state }: Looked): boolean => state === 'looked' || state === 'nothingToCompare';

/** The rows of all jobs of that version of the picture, that of the one which stands first. */
async function rowsOf(
  { id, name, byId }: NamedImage,
  store: ResultStore,
  app: App | undefined,
): Promise<StoredImage[]> {
  const own = await store.get(id);
  if (byId || app === undefined || (own && isAnswered(lookedFor(own).matches))) return own ? [own] : [];
  const jobs = await jobsNamed(name, app.journal);
  const version = jobs.find((job) => job.id === id)?.source.etag;
  const rows = own ? [own] : [];
  for (const { id: other, source } of jobs) {
    if (other === id || source.etag !== version) continue;
    const row = await store.get(other);
    if (row) rows.push(row);
  }
  return rows;
}
