/** Finds the control route for a request at `/_local/…`, and the index of them all. */
import {
  AzureFault,
  type AzureRequest,
  type AzureResponse,
  type ControlRoute,
} from '../service.ts';

/** Thrown when no route fits: AzureFault 404, or 405 when only the method is another. */
export async function answerControl(
  routes: readonly ControlRoute[],
  request: AzureRequest,
): Promise<AzureResponse> {
  if (request.segments.length === 0 && request.method === 'GET') {
    return {
      status: 200,
      body: {
        control: routes.map(({ method, path, summary }) => ({
          method,
          path: `/_local${path}`,
          summary,
        })),
      },
    };
  }
  const fitting = routes.flatMap((route) => {
    const parameters = matchPath(route.path, request.segments);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  const found = fitting.find(({ route }) => route.method === request.method);
  if (found !== undefined) return found.route.handle(request, found.parameters);
  if (fitting.length > 0) {
    const allow = fitting.map(({ route }) => route.method).join(', ');
    throw new AzureFault(405, 'MethodNotAllowed', `Methods here: ${allow}`, { headers: { allow } });
  }
  throw new AzureFault(404, 'NotFound', 'There is no such control address; GET /_local lists all.');
}

function matchPath(
  pattern: string,
  segments: readonly string[],
): Record<string, string> | undefined {
  const parts = pattern.split('/').filter((part) => part !== '');
  if (parts.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith('{')) parameters[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return parameters;
}
