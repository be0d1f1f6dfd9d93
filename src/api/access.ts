import type { Role } from './contract.ts';
import type { Person } from './person.ts';
import type { Platform } from './platform.ts';
import { readPrincipal } from './principal.ts';
import { ApiError } from './problem.ts';

/** What is asked for, as far as it decides who may. */
export interface Asked {
  method: string;
  headers: Pick<Headers, 'get'>;
  /** The least role that may. */
  role: Role;
  /** Whether the Functions host has checked a function key of this request: its registration says `authLevel: function`. */
  keyed: boolean;
  /** Whether only a person may: no key decides who is who. */
  signedIn?: boolean;
  /** Whether a person may come here by a link from another site: the page itself. */
  linkable?: boolean;
}

const RANK: Record<Role, number> = { viewer: 0, caseworker: 1, reviewer: 2, operator: 3, administrator: 4 };

/**
 * The one gate that every route goes through.
 *
 * | Where | Who comes in |
 * |---|---|
 * | one machine | whoever can reach the loopback port, as administrator: a browser only from this host's own page |
 * | Azure with authentication | people the platform has signed in, with the role their app roles give |
 * | Azure, a route with a key | machines whose function key the host has checked, as operator; not where a person is needed |
 * | anywhere else | nobody |
 *
 * @throws {ApiError} 401 or 403
 */
export function authorize(platform: Platform, asked: Asked): Person {
  const person = identify(platform, asked);
  if (asked.signedIn && !person.signedIn) {
    throw new ApiError(
      403,
      'PersonRequired',
      'Who is who is decided by people only, and a function key is nobody: sign in, and do it under your name.',
    );
  }
  if (RANK[person.role] < RANK[asked.role]) {
    throw new ApiError(
      403,
      'RoleRequired',
      `This needs the role ${asked.role}, and you have ${person.role}. Ask an administrator of the app to assign it.`,
    );
  }
  return person;
}

function identify(platform: Platform, asked: Asked): Person {
  switch (platform.kind) {
    case 'loopback':
      refuseForeignHost(asked.headers, platform.port);
      refuseForeignSite(asked, 'http');
      return { name: platform.user, role: 'administrator', local: true, signedIn: true };
    case 'azure': {
      refuseForeignSite(asked, 'https');
      // The host has refused every request without a valid key before it came here.
      if (asked.keyed) return { name: 'function key', role: 'operator', local: false, signedIn: false };
      if (!platform.authentication) {
        throw new ApiError(
          403,
          'AuthenticationOff',
          'The authentication of this function app is switched off, so nobody can be let in. An administrator can switch it on (template parameter, or Settings > Authentication); machines may use a function key.',
        );
      }
      return readPrincipal(asked.headers);
    }
    case 'unknown':
      throw new ApiError(
        403,
        'AccessNotConfigured',
        'This host is neither Azure nor one that listens on loopback only, so nobody can be let in. Use `npm start` on one machine, or deploy to Azure.',
      );
  }
}

/**
 * A page of another site can make its own name point to 127.0.0.1 (DNS rebinding); the name it used stands in `Host`.
 */
function refuseForeignHost(headers: Asked['headers'], port: number): void {
  const host = headers.get('host')?.toLowerCase();
  const allowed = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  if (host === undefined || !allowed.includes(host)) {
    throw new ApiError(
      403,
      'HostRefused',
      `This host answers to http://127.0.0.1:${port} only: open it by that address.`,
    );
  }
}

/**
 * Cross-site request forgery: browsers say where a request comes from, and cannot be made to lie about it. Programs that
 * say nothing are let through, for they carry nobody's session.
 */
function refuseForeignSite({ method, headers, linkable }: Asked, scheme: 'http' | 'https'): void {
  const refused = (what: string) =>
    new ApiError(
      403,
      'CrossSite',
      `This was asked for by another site (${what}): open this app's own page instead.`,
    );
  const origin = headers.get('origin');
  if (origin !== null && origin.toLowerCase() !== `${scheme}://${headers.get('host')?.toLowerCase()}`) {
    throw refused('Origin');
  }
  const site = headers.get('sec-fetch-site');
  if (site === null || site === 'same-origin') return;
  // "none" is a person typing the address; that never changes anything.
  const reads = method === 'GET' || method === 'HEAD';
  if (reads && site === 'none') return;
  if (reads && linkable && headers.get('sec-fetch-mode') === 'navigate') return;
  throw refused('Sec-Fetch-Site');
}
