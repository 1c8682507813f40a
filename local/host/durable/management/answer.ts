import type { DurableHttpResponse } from '../extension.ts';

/** Nothing is there. */
export const nothing: DurableHttpResponse = { status: 404, headers: {} };

export function answer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): DurableHttpResponse {
  return { status, headers, body };
}
