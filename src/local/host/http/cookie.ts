import type { HttpCookie } from '../app/core-api.ts';

const SAME_SITE = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;
/** What RFC 6265 allows in a value and in an attribute. */
const NAME = /^[!#$%&'*+\-.^_`|~\w]+$/;
const ATTRIBUTE = /^[ -:<-~]*$/;

/**
 * The value of a `Set-Cookie` header (RFC 6265); the cookie's own value is percent-encoded.
 *
 * @throws {TypeError} when name, domain or path hold a character that would end them
 */
export function serializeCookie(cookie: HttpCookie): string {
  if (!NAME.test(cookie.name)) throw new TypeError(`"${cookie.name}" cannot be the name of a cookie.`);
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value)}`];
  const attribute = (name: string, value: string | undefined) => {
    if (value === undefined) return;
    if (!ATTRIBUTE.test(value)) throw new TypeError(`The ${name} of cookie "${cookie.name}" is malformed.`);
    parts.push(`${name}=${value}`);
  };
  attribute('Max-Age', cookie.maxAge === undefined ? undefined : String(Math.floor(cookie.maxAge.value)));
  attribute('Domain', cookie.domain?.value);
  attribute('Path', cookie.path?.value);
  const expires = cookie.expires?.value.seconds;
  attribute('Expires', expires === undefined ? undefined : new Date(expires * 1000).toUTCString());
  if (cookie.httpOnly?.value) parts.push('HttpOnly');
  if (cookie.secure?.value) parts.push('Secure');
  attribute('SameSite', SAME_SITE[cookie.sameSite ?? 'none']);
  return parts.join('; ');
}
