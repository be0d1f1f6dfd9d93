/** A process that does one deed and is killed at one of its statements: see `walk.ts`. */
import { DEEDS, type Ids, openWorld } from './deeds.ts';

const [file = '', name = '', lives = '', ids = '', webhook = ''] = process.argv.slice(2);
const { world, database, close } = await openWorld(file, () => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('A process that was killed went on.');
});
database.lives = Number(lives);
await DEEDS[name]?.run(world, JSON.parse(ids) as Ids, webhook);
await close();
