import type { Role } from './contract/common.ts';

/** Who calls. */
export interface Person {
  /** How decisions are signed. */
  name: string;
  /** Of their account in the directory, where the platform says so: what reviewers are told apart by. */
  id?: string;
  role: Role;
  /** Whether it is whoever sits at this machine. */
  local: boolean;
  /** Whether this is a person at all, and no key. */
  signedIn: boolean;
  /** Whether they have the app role `deaths`: apart from all others, for what is said of the dead is said once. */
  mayTellDeaths?: boolean;
}
