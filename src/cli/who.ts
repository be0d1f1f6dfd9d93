import { hostname, userInfo } from 'node:os';

/** Who sits at the command line: user@computer. */
export function whoIsThis(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname();
  }
}
