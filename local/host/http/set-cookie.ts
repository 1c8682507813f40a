import type { RpcHttpCookie } from '../worker/rpc.ts';

const sameSiteNames = { lax: 'lax', strict: 'strict', explicitNone: 'none' } as const;

/**
 * A cookie as ASP.NET Core writes it for Azure's host, which says `path=/` where the function says
 * no path (GrpcMessageExtensionUtilities.cs of azure-functions-host; CookieOptions.cs and
 * SetCookieHeaderValue.cs of aspnetcore).
 * Thrown when the name is no token: RangeError.
 */
export function toSetCookie(cookie: RpcHttpCookie): string {
  const { name, domain, expires, httpOnly, maxAge, path, sameSite, secure } = cookie;
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name ?? '')) {
    throw new RangeError('The function sets a cookie whose name HTTP does not allow.');
  }
  const parts = [`${name ?? ''}=${escape(cookie.value ?? '')}`];
  const seconds = expires?.value?.seconds;
  if (seconds !== undefined && seconds !== null) {
    parts.push(`expires=${new Date(seconds * 1000).toUTCString()}`);
  }
  const age = maxAge?.value;
  if (age !== undefined && age !== null) parts.push(`max-age=${Math.trunc(age)}`);
  if (domain?.value) parts.push(`domain=${domain.value}`);
  parts.push(`path=${path?.value ?? '/'}`);
  if (secure?.value === true) parts.push('secure');
  if (sameSite && sameSite !== 'none') parts.push(`samesite=${sameSiteNames[sameSite]}`);
  if (httpOnly?.value === true) parts.push('httponly');
  return parts.join('; ');
}

/** Everything but the characters that RFC 3986 never reserves. */
function escape(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
