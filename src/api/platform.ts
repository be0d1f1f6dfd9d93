import { localUser } from '../domain/local-user.ts';

/** Where the API runs, as far as that decides who may call it. */
export type Platform =
  /** One machine: a host that listens on loopback only has said on which port; whoever sits at it is `user`. */
  | { kind: 'loopback'; port: number; user: string }
  /** App Service or Azure Functions; whether its authentication stands in front of the app. */
  | { kind: 'azure'; authentication: boolean }
  /** Neither: nobody vouches for who calls. */
  | { kind: 'unknown' };

/**
 * Set by the embedded host, which binds to loopback only, once it listens. Never by hand on a machine that others
 * reach: whoever reaches the port is administrator then.
 */
const LOOPBACK_PORT = 'IMAGINEM_LOOPBACK_PORT';

/**
 * Azure sets variables that begin with WEBSITE_; with any of them the machine is not a person's own, whatever else is
 * set. The headers of a signed-in person are worth something only where WEBSITE_AUTH_ENABLED says that the platform
 * writes them: elsewhere anybody can.
 */
export function readPlatform(env: Readonly<Record<string, string | undefined>>): Platform {
  const azure = Object.entries(env).some(([name, value]) => /^WEBSITE_/i.test(name) && value !== undefined);
  if (azure) return { kind: 'azure', authentication: env.WEBSITE_AUTH_ENABLED?.toLowerCase() === 'true' };
  const port = Number(env[LOOPBACK_PORT]);
  if (Number.isInteger(port) && port > 0 && port < 65_536)
    return { kind: 'loopback', port, user: localUser(env) };
  return { kind: 'unknown' };
}
