import { textAnswer } from './answer.ts';
import type { HttpAnswer } from './http-data.ts';
import type { OutsideRequest } from './outside-request.ts';

/** Which pages of other origins may call the host. */
export interface CorsSettings {
  /** `https://page.example`, or `*` for every one; empty for none. */
  readonly origins: readonly string[];
  /** Whether they may send cookies and the like along. */
  readonly credentials: boolean;
}

export interface Cors {
  readonly allows: (origin: string) => boolean;
  /**
   * The answer to a browser that asks beforehand, without {@link headers}; undefined when this is no
   * such question.
   */
  preflight(request: OutsideRequest): HttpAnswer | undefined;
  /** What lets the page that asks read the answer. */
  headers(request: OutsideRequest): Readonly<Record<string, string>>;
}

/**
 * Makes what Core Tools puts in front of the host for `Host.CORS` and `--cors`: ASP.NET Core's CORS
 * middleware with any header and any method (Startup.cs of azure-functions-core-tools, CorsService.cs
 * of aspnetcore). A page that is not among the origins gets no header from Azure and is run all the
 * same; this host, whose callers are on the same machine as the user's browser, refuses it.
 */
export function makeCors({ origins, credentials }: CorsSettings): Cors {
  const any = origins.includes('*');
  const allows = (origin: string): boolean => any || origins.includes(origin);

  function headers(request: OutsideRequest): Record<string, string> {
    const { origin } = request.headers;
    if (origin === undefined || !allows(origin)) return {};
    return {
      'access-control-allow-origin': any ? '*' : origin,
      ...(credentials ? { 'access-control-allow-credentials': 'true' } : {}),
      ...(origins.length > 1 ? { vary: 'Origin' } : {}),
    };
  }

  return {
    allows,
    headers,
    preflight: (request) => {
      const method = request.headers['access-control-request-method'];
      const { origin } = request.headers;
      if (request.method !== 'OPTIONS' || method === undefined) return undefined;
      if (origin === undefined || !allows(origin)) return undefined;
      const wanted = request.headers['access-control-request-headers'];
      return textAnswer(204, '', {
        'access-control-allow-methods': method,
        ...(wanted === undefined ? {} : { 'access-control-allow-headers': wanted }),
      });
    },
  };
}
