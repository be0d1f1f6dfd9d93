import { localUser } from '../domain/local-user.ts';

/** Who sits at the command line: `IMAGINEM_USER`, or user@computer. */
export const whoIsThis = (): string => localUser(process.env);
