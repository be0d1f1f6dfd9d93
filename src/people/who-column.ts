import { type Parameter, text } from '../database/sql.ts';

/** Characters of a name that a column of who did something holds. */
export const MOST_NAME = 256;

/** Who did something, as such a column holds it: a server refuses what is longer. */
export const whoText = (name: string): Parameter => text(name.slice(0, MOST_NAME).toWellFormed());
