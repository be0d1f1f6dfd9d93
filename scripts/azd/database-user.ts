import { refusedAddress } from './own-address.ts';

/** One connection to the database, as its administrator. */
export interface Database {
  /** Whether the database has a user of this name. */
  hasUser(name: string): Promise<boolean>;
  run(statement: string): Promise<void>;
  close(): Promise<void>;
}

/** The server's firewall. */
export interface Firewall {
  /** Lets one IPv4 address in. */
  open(address: string): Promise<void>;
  /** Takes that back; safe to repeat. */
  close(): Promise<void>;
}

interface Outside {
  /** @throws where it cannot: error 40615 of a client whom the firewall refuses */
  readonly connect: () => Promise<Database>;
  readonly firewall: Firewall;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly say: (sentence: string) => void;
}

/** A rule of the firewall takes up to five minutes to work. */
const TRIES = 30;
const PAUSE_MS = 10_000;

/**
 * Makes the identity's user in the database unless it is there: what ARM cannot do. The address that this runs on is let
 * in by the firewall for as long as it takes, and by nothing else that happens here.
 *
 * @param statement output `createDatabaseUserStatement` of the template
 * @returns whether the user was made
 */
export async function ensureDatabaseUser(
  name: string,
  statement: string,
  outside: Outside,
): Promise<boolean> {
  let opened = false;
  try {
    for (let left = TRIES; ; left -= 1) {
      try {
        return await makeUser(name, statement, outside);
      } catch (error) {
        const address = refusedAddress(error);
        if (address === undefined || left === 1) throw error;
        if (!opened) {
          outside.say(`The firewall of the database lets ${address} in for as long as this takes.`);
          opened = true;
          await outside.firewall.open(address);
        }
        await outside.pause(PAUSE_MS);
      }
    }
  } finally {
    if (opened) await outside.firewall.close();
  }
}

async function makeUser(name: string, statement: string, { connect, say }: Outside): Promise<boolean> {
  const database = await connect();
  try {
    if (await database.hasUser(name)) {
      say(`The database has the user ${name} already.`);
      return false;
    }
    await database.run(statement);
    say(`The database has the user ${name} now: the app can write its results.`);
    return true;
  } finally {
    await database.close();
  }
}
