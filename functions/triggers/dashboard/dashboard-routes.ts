import { createHash } from 'node:crypto';
import { dashboardQuerySchema, toDashboardQuery } from './dashboard-query.ts';
import { makeReadDashboard, type DashboardPorts } from './read-dashboard.ts';
import { hasRole, type Caller } from '../../../shared/http/caller.ts';
import { defineRoute, type Route, type RouteCall } from '../../../shared/http/route.ts';
import {
  dashboardPage,
  doorPage,
  pageHeaders,
  refusalPage,
} from '../../../shared/report/dashboard/dashboard-page.ts';
import type { DashboardView, Reader } from '../../../shared/report/dashboard/dashboard-view.ts';
import { livePart } from '../../../shared/report/dashboard/live.ts';

/** The dashboard's routes: the page, its living part, and where nobody is known by name, the door. */
export function makeDashboardRoutes(
  ports: DashboardPorts & { readonly withDoor: boolean },
): readonly Route[] {
  const read = makeReadDashboard(ports);
  const view = ({ caller, client }: RouteCall, query: Parameters<typeof toDashboardQuery>[0]) =>
    read(client, toReader(caller), toDashboardQuery(query));
  const page = defineRoute({
    name: 'ShowDashboard',
    method: 'GET',
    path: 'dashboard',
    role: 'Certkeeper.Read',
    summary: 'The dashboard: how everything stands, as a page',
    description:
      'Certificates and their bindings, what is running, the last audit. The page keeps itself up to ' +
      'date; it can be read without JavaScript. Not a form of answer for programs.',
    query: dashboardQuerySchema,
    answers: { 200: { description: 'The page', contentTypes: ['text/html'] } },
    problems: [],
    refusalPage,
    handle: async (call) => ({
      status: 200,
      headers: pageHeaders(),
      body: dashboardPage({ ...(await view(call, call.query)), ...keyInAddress(call) }),
    }),
  });
  const live = defineRoute({
    name: 'ShowDashboardLive',
    method: 'GET',
    path: 'dashboard/live',
    role: 'Certkeeper.Read',
    summary: 'The part of the dashboard that changes',
    description: 'For the script of the page, which asks for it again and again.',
    query: dashboardQuerySchema,
    answers: {
      200: {
        description: 'The part, as HTML',
        contentTypes: ['text/html'],
        headers: { etag: 'Names what is answered: send it with If-None-Match' },
      },
      304: { description: 'Nothing has changed since' },
    },
    problems: [],
    handle: async (call) => {
      const body = toLiveAnswer(await view(call, call.query));
      const headers = { ...pageHeaders(), etag: toEtag(body) };
      return call.request.headers.get('if-none-match') === headers.etag
        ? { status: 304, headers: { etag: headers.etag } }
        : { status: 200, headers, body };
    },
  });
  return ports.withDoor ? [page, live, makeDoorRoute()] : [page, live];
}

/** `GET /api/dashboard/open`: asks for a function key, so that none has to stand in an address. */
function makeDoorRoute(): Route {
  return defineRoute({
    name: 'OpenDashboard',
    method: 'GET',
    path: 'dashboard/open',
    role: 'Certkeeper.Read',
    open: true,
    summary: 'The door of the dashboard: asks for a function key',
    description:
      'Needs no key and holds nothing. What is typed there goes along in a header, and is kept ' +
      'nowhere.',
    query: dashboardQuerySchema,
    answers: { 200: { description: 'The page', contentTypes: ['text/html'] } },
    problems: [],
    handle: () => ({ status: 200, headers: pageHeaders(), body: doorPage() }),
  });
}

/** Only what a function key opens has a `code`: where people sign in it says nothing. */
function keyInAddress({ request, caller }: RouteCall): Pick<DashboardView, 'key'> {
  const code = request.query.get('code');
  return caller.kind === 'function-key' && code !== null ? { key: code } : {};
}

function toReader(caller: Caller): Reader {
  return {
    ...(caller.kind === 'entra' ? { name: caller.name ?? caller.id } : {}),
    maySync: hasRole(caller, 'Certkeeper.Upload'),
    mayManage: hasRole(caller, 'Certkeeper.Manage'),
  };
}

function toLiveAnswer(view: DashboardView): string {
  return `<!doctype html>${livePart(view).text}`;
}

function toEtag(body: string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}
