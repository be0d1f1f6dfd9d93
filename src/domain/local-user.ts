import { hostname, userInfo } from 'node:os';

/** App setting by which whoever sits at a machine is named, on the page and at the command line alike. */
const LOCAL_USER = 'IMAGINEM_USER';

/**
 * Who sits at this machine: `IMAGINEM_USER`, or the system's user as user@computer. One name for the page and the command
 * line, so that nobody becomes two by going from one to the other.
 */
export function localUser(env: Readonly<Record<string, string | undefined>>): string {
  const named = env[LOCAL_USER]?.trim();
  if (named) return named;
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname();
  }
}
