import { HttpRequest } from '@azure/functions';
import { makeUnknownRoute } from '../../../functions/triggers/unknown-route.ts';
import type { RouteCall } from '../../../shared/http/route.ts';

const ROUTES = [
  { method: 'GET', path: 'certificates' },
  { method: 'POST', path: 'certificates' },
  { method: 'POST', path: 'certificates/{vault}/{name}/sync' },
] as const;

/** What is told of a call that no route takes. */
async function told(method: string, path: string): Promise<string> {
  const request = new HttpRequest({ method, url: `https://certkeeper.test${path}` });
  const route = makeUnknownRoute(ROUTES);
  try {
    await route.respond({ request } as unknown as RouteCall);
  } catch (error) {
    expect(error).toMatchObject({ problem: { code: 'NOT_FOUND' } });
    return (error as Error).message;
  }
  throw new Error('It answered.');
}

test.each([
  ['GET', '/api/certificate', 'There is nothing at /api/certificate.'],
  ['GET', '/api', 'There is nothing at /api.'],
  ['GET', '/api/certificates/kv/web/syncs', 'There is nothing at /api/certificates/kv/web/syncs.'],
  ['GET', '/api/<script>', 'There is nothing at /api/%3Cscript%3E.'],
  ['DELETE', '/api/certificates', '/api/certificates takes GET and POST, not DELETE.'],
  ['GET', '/api/certificates/kv/web/sync/', '/api/certificates/kv/web/sync/ takes POST, not GET.'],
])('%s %s is answered in words', async (method, path, message) => {
  expect(await told(method, path)).toBe(message);
});
