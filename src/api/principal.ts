import { z } from 'zod';
import { type Role, role } from './contract/common.ts';
import type { Person } from './person.ts';
import { ApiError } from './problem.ts';

/** `x-ms-client-principal`, decoded. Source: App Service, "Work with user identities". */
const principalSchema = z.object({
  auth_typ: z.string().min(1),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
  name_typ: z.string().nullish(),
  role_typ: z.string().nullish(),
});

/** Headers are at most 16 KB on the platform; more is not one of its own. */
const MAX_HEADER = 65_536;

const ROLE_CLAIMS = ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'];
/** An app role beside the others: it gives no access by itself. */
const DEATHS_ROLE = 'deaths';
/** The account itself: a name is the directory's to change, and two people may have the same. */
const ID_CLAIMS = ['oid', 'http://schemas.microsoft.com/identity/claims/objectidentifier'];
const NAME_CLAIMS = [
  'preferred_username',
  'name',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
];

/**
 * Who the platform has signed in. Call it only where WEBSITE_AUTH_ENABLED is set: there the platform removes this header
 * from what comes in and writes its own.
 *
 * @throws {ApiError} 401 where nobody is signed in, 403 where they have none of the app's roles
 */
export function readPrincipal(headers: Pick<Headers, 'get'>): Person {
  const claims = decode(headers.get('x-ms-client-principal'));
  if (!claims) {
    throw new ApiError(401, 'NotSignedIn', 'Nobody is signed in: sign in at /.auth/login/aad and come back.');
  }
  const valuesOf = (types: readonly (string | null | undefined)[]) =>
    claims.claims.filter(({ typ }) => types.includes(typ)).map(({ val }) => val);
  const roles = valuesOf([...ROLE_CLAIMS, claims.role_typ]).map((value) => value.toLowerCase());
  const best = ([...role.options].reverse() as Role[]).find((one) => roles.includes(one));
  if (best === undefined) {
    throw new ApiError(
      403,
      'NoRole',
      `You are signed in, but have no role here. An administrator can assign you one of the app roles ${role.options.join(', ')}.`,
    );
  }
  const [name] = [...valuesOf([claims.name_typ]), ...valuesOf(NAME_CLAIMS)];
  const [id] = valuesOf(ID_CLAIMS);
  return {
    ...(id !== undefined && id !== '' && { id }),
    name: name ?? headers.get('x-ms-client-principal-name') ?? 'unnamed',
    role: best,
    local: false,
    signedIn: true,
    ...(roles.includes(DEATHS_ROLE) && { mayTellDeaths: true }),
  };
}

function decode(header: string | null): z.infer<typeof principalSchema> | undefined {
  if (header === null || header.length > MAX_HEADER) return undefined;
  try {
    const parsed = principalSchema.safeParse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
