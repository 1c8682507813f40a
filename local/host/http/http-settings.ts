type JsonObject = Readonly<Record<string, unknown>>;

/** `extensions.http` of host.json. */
export interface HttpSettings {
  /** Without slashes at either end; empty for none. */
  readonly routePrefix: string;
  /** Requests that run or wait; more are refused with 429. Undefined: as many as come. */
  readonly maxOutstandingRequests: number | undefined;
  /** Requests that run; others wait. Undefined: as many as come. */
  readonly maxConcurrentRequests: number | undefined;
  /** Set on every answer that has no such header of its own. */
  readonly customHeaders: Readonly<Record<string, string>>;
}

/**
 * Reads `extensions.http`
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook#hostjson-settings);
 * the limits' defaults are those of a dedicated plan and of Core Tools, which is none.
 * `hsts` is accepted and does nothing: the header is for HTTPS, and ASP.NET Core leaves it out on
 * 127.0.0.1 and localhost. Neither does `dynamicThrottlesEnabled`: it reads counters that only Azure's
 * sandbox has (HttpOptionsSetup.cs of azure-functions-host).
 * Thrown when a value has the wrong type: Error, naming it from `extensions.http` on.
 */
export function readHttpSettings(section: JsonObject): HttpSettings {
  const routePrefix = section['routePrefix'] ?? 'api';
  if (typeof routePrefix !== 'string')
    throw new Error('"extensions.http.routePrefix" must be text');
  return {
    routePrefix: routePrefix.replace(/^\/+|\/+$/g, ''),
    maxOutstandingRequests: readLimit(section, 'maxOutstandingRequests'),
    maxConcurrentRequests: readLimit(section, 'maxConcurrentRequests'),
    customHeaders: readHeaders(section['customHeaders'] ?? {}),
  };
}

function readLimit(section: JsonObject, name: string): number | undefined {
  // A setting that overrides host.json gives text.
  const value = Number(section[name] ?? -1);
  if (value === -1) return undefined;
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`"extensions.http.${name}" must be a whole number above 0, or -1 for no limit`);
}

function readHeaders(section: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  const entries = typeof section === 'object' && section !== null ? Object.entries(section) : [];
  for (const [name, value] of entries) {
    const fits =
      typeof value === 'string' &&
      /^[\w!#$%&'*+.^`|~-]+$/.test(name) &&
      /^[\t\x20-\x7e]*$/.test(value);
    if (!fits) {
      throw new Error(`"extensions.http.customHeaders.${name}" is no header that HTTP allows`);
    }
    headers[name.toLowerCase()] = value;
  }
  return headers;
}
