/** One host of `lanes.ts`: it is told what to do by a message, for a connection string stands in no list of processes. */
import { once } from 'node:events';
import { saveInLanes } from './lane.ts';
import type { Told } from './lanes.ts';
import { openPlace } from './place.ts';

const [{ place, share }] = (await once(process, 'message')) as [Told];
const database = await openPlace(place);
const done = await saveInLanes(database, share, (words) => process.stderr.write(`${words}\n`));
await database.close();
process.send?.(done);
process.disconnect();
