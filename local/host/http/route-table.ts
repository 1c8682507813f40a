import type { HttpFunction } from '../function-index.ts';
import { HostStartError, messageOf } from '../start-error.ts';
import {
  comparePrecedence,
  matchRoute,
  parseRouteTemplate,
  routeShape,
  type RouteTemplate,
} from './route-template.ts';

export interface RouteMatch {
  readonly fn: HttpFunction;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface RouteTable {
  /**
   * The function for a request; undefined when no route fits the path and the method (Azure
   * answers 404 to both).
   * @param pathname starts with `/`, still percent-encoded
   */
  find(method: string, pathname: string): RouteMatch | undefined;
  /** `/api/certificates/{name}`, as people would type it. */
  addressOf(fn: HttpFunction): string;
}

interface Route {
  readonly fn: HttpFunction;
  readonly template: RouteTemplate;
}

/**
 * Builds the table of HTTP functions.
 * Thrown when a route cannot be read, hides the host's own addresses, or is the same as another's
 * for the same method: HostStartError `ROUTE_INVALID` or `ROUTE_CONFLICT`.
 * @param prefix `extensions.http.routePrefix`, without slashes at either end
 */
export function makeRouteTable(functions: readonly HttpFunction[], prefix: string): RouteTable {
  const routes: Route[] = [];
  for (const fn of functions) {
    const route = { fn, template: readTemplate(fn, prefix) };
    refuseConflict(route, routes);
    routes.push(route);
  }
  // Sorting is stable: where the rules see no difference, the first registered wins.
  routes.sort((a, b) => comparePrecedence(a.template, b.template));
  return {
    find: (method, pathname) => {
      const path = pathname.replace(/^\//, '').replace(/\/$/, '');
      const segments = path === '' ? [] : path.split('/');
      if (segments.includes('')) return undefined;
      for (const { fn, template } of routes) {
        if (fn.methods.length > 0 && !fn.methods.includes(method)) continue;
        const parameters = matchRoute(template, segments);
        if (parameters !== undefined) return { fn, parameters };
      }
      return undefined;
    },
    addressOf: (fn) => `/${fullRoute(fn, prefix)}`,
  };
}

function fullRoute(fn: HttpFunction, prefix: string): string {
  return [prefix, fn.route.replace(/^\/+|\/+$/g, '')].filter((part) => part !== '').join('/');
}

function readTemplate(fn: HttpFunction, prefix: string): RouteTemplate {
  const text = fullRoute(fn, prefix);
  if (/^(admin|runtime)(\/|$)/i.test(text)) {
    throw new HostStartError(
      'ROUTE_INVALID',
      `The route "${text}" of function "${fn.name}" is taken: /admin and /runtime belong to the host.`,
    );
  }
  try {
    return parseRouteTemplate(text);
  } catch (error) {
    throw new HostStartError(
      'ROUTE_INVALID',
      `The route "${text}" of function "${fn.name}" cannot be used: ${messageOf(error)}.`,
      { cause: error },
    );
  }
}

function refuseConflict(route: Route, others: readonly Route[]): void {
  const shape = routeShape(route.template);
  for (const other of others) {
    if (routeShape(other.template) !== shape) continue;
    const method = sharedMethod(route.fn, other.fn);
    if (method === undefined) continue;
    throw new HostStartError(
      'ROUTE_CONFLICT',
      `The functions "${other.fn.name}" and "${route.fn.name}" both answer ${method} /${route.template.text}.`,
    );
  }
}

function sharedMethod(a: HttpFunction, b: HttpFunction): string | undefined {
  if (a.methods.length === 0) return b.methods[0] ?? 'every method of';
  if (b.methods.length === 0) return a.methods[0];
  return a.methods.find((method) => b.methods.includes(method));
}
