import { textAnswer } from './answer.ts';
import type { HttpAnswer } from './http-data.ts';

/** Where apps have the page for people, if they have one. */
export const DASHBOARD = '/dashboard';

/**
 * What `GET /` answers where the app has no route of its own.
 * @param functions how many run
 * @param dashboard address of the app's page for people; undefined = it has none
 */
export function frontPage(functions: number, dashboard: string | undefined): HttpAnswer {
  const text = `A Functions host for one machine: ${String(functions)} functions run here.`;
  if (dashboard === undefined) return textAnswer(200, text);
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    },
    body: Buffer.from(
      `<!doctype html><html lang="en"><meta name="color-scheme" content="light dark"><title>Functions host</title><p>${text}</p><p><a href="${dashboard}">Dashboard</a></p></html>\n`,
    ),
  };
}
