import { TerminalError } from '../../shared/domain/errors.ts';
import { defineRoute, type Route, type RouteDescription } from '../../shared/http/route.ts';

/**
 * What answers below `/api` where nothing else does: whoever mistypes an address learns of it in the
 * form in which every other refusal comes, and not by an empty page. Azure prefers any other route
 * to one that begins with a catch-all.
 *
 * @param routes all others, to say what a known address does take
 */
export function makeUnknownRoute(
  routes: readonly Pick<RouteDescription, 'method' | 'path'>[],
): Route {
  return defineRoute({
    name: 'UnknownRoute',
    method: 'GET',
    path: '{*path}',
    role: 'Certkeeper.Read',
    summary: 'Refuses what no other route takes',
    answers: {},
    problems: ['NOT_FOUND'],
    handle: ({ request }): never => {
      const { pathname } = new URL(request.url);
      const methods = routes.filter(({ path }) => fits(path, pathname)).map(({ method }) => method);
      const known = methods.length > 0;
      throw new TerminalError({
        code: 'NOT_FOUND',
        message: known
          ? `${pathname} takes ${methods.join(' and ')}, not ${request.method}.`
          : `There is nothing at ${pathname}.`,
        cure: known
          ? 'GET /api/openapi.json describes what each address takes.'
          : 'Look at the address: GET /api/openapi.json lists what there is.',
      });
    },
  });
}

/** Whether an address is one of `certificates/{vault}/{name}`, whatever stands in the braces. */
function fits(path: string, pathname: string): boolean {
  const wanted = path.split('/');
  const segments = pathname.replace(/^\/api\/|\/$/g, '').split('/');
  return (
    segments.length === wanted.length &&
    wanted.every((one, index) => one.startsWith('{') || one === segments[index])
  );
}
