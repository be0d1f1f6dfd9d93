/**
 * The launcher, `npm start`: runs storage emulator, vision engine and Functions host on this machine, plays Event
 * Grid, and tells of each image that finishes. `npm start -- --help` lists what it takes.
 */
import { CliError, EXIT, sentenceOf } from '../cli/errors.ts';
import { openScreen } from '../cli/format/screen.ts';
import { launch } from './launcher/launch.ts';
import { LockedError } from './launcher/lock.ts';
import { parseOptions } from './launcher/options.ts';
import { ServiceError } from './launcher/service.ts';

// What it writes shows people: for the one who runs it only.
process.umask(0o077);

/** Written for people, over more than one line where a part's last words are shown. */
const spoken = (error: unknown): error is Error =>
  error instanceof CliError || error instanceof LockedError || error instanceof ServiceError;

const outside = {
  env: process.env,
  clock: Date.now,
  screen: openScreen(),
  echo: (line: string) => console.error(line),
};
try {
  process.exitCode = await launch(parseOptions(process.argv.slice(2)), outside);
} catch (error) {
  console.error(spoken(error) ? error.message : sentenceOf(error));
  process.exitCode = error instanceof CliError ? error.exitCode : EXIT.failed;
}
// A connection kept alive somewhere must not hold a launcher whose work is done.
process.exit();
