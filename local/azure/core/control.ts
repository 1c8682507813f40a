/** The core's own control addresses: clock, request log, faults, settings. */
import { z } from 'zod';
import { AzureFault, type Clock, type ControlRoute } from '../service.ts';
import { faultSchema, type Faults } from './faults.ts';
import { matchesGlob } from './glob.ts';
import { parseBody } from './parse-body.ts';
import type { RequestLog } from './request-log.ts';
import type { makeSettings } from './settings.ts';

const advanceSchema = z.strictObject({
  advance: z
    .number()
    .min(0)
    .max(100 * 366 * 86_400),
});
const beginSchema = z.strictObject({
  secondsAgo: z
    .number()
    .min(0)
    .max(10 * 366 * 86_400),
});
const FILTERS = ['method', 'host', 'path', 'status', 'principal'] as const;

export function makeCoreControlRoutes(parts: {
  clock: Clock & { begin(secondsAgo: number): void; offsetSeconds(): number };
  requestLog: RequestLog;
  faults: Faults;
  settings: ReturnType<typeof makeSettings>;
  /** Whether anything was made in this world. */
  isEmpty: () => boolean;
}): ControlRoute[] {
  const { clock, requestLog, faults, settings, isEmpty } = parts;
  const showClock = () => ({
    status: 200,
    body: { now: clock.now().toISOString(), offsetSeconds: clock.offsetSeconds() },
  });
  return [
    { method: 'GET', path: '/clock', summary: 'the simulated time', handle: showClock },
    {
      method: 'POST',
      path: '/clock',
      summary: 'moves the time forward: {"advance": seconds}',
      handle(request) {
        clock.advance(parseBody(request, advanceSchema).advance);
        return showClock();
      },
    },
    {
      method: 'POST',
      path: '/clock/begin',
      summary: 'lets a world in which nothing was made yet begin in the past: {"secondsAgo"}',
      handle(request) {
        const { secondsAgo } = parseBody(request, beginSchema);
        if (!isEmpty()) {
          throw new AzureFault(
            409,
            'Conflict',
            'Time never goes back: something was made already.',
          );
        }
        clock.begin(secondsAgo);
        return showClock();
      },
    },
    {
      method: 'GET',
      path: '/requests',
      summary: `what was asked; ?${FILTERS.join('=&')}= filter (host and path take * and **), limit=`,
      handle(request) {
        const filters = FILTERS.flatMap((name) => {
          const wanted = request.query(name);
          return wanted === undefined ? [] : [{ name, wanted }];
        });
        const found = requestLog
          .all()
          .filter((entry) =>
            filters.every(({ name, wanted }) => matchesGlob(wanted, String(entry[name]))),
          );
        const limit = readLimit(request.query('limit'));
        return {
          status: 200,
          body: {
            count: found.length,
            requests: limit === undefined ? found : limit === 0 ? [] : found.slice(-limit),
          },
        };
      },
    },
    {
      method: 'DELETE',
      path: '/requests',
      summary: 'empties the list of requests',
      handle() {
        requestLog.clear();
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/faults',
      summary: 'the faults that stand',
      handle: () => ({ status: 200, body: { faults: faults.list() } }),
    },
    {
      method: 'POST',
      path: '/faults',
      summary:
        'adds a fault: {"match":{"method","host","path"},"answer":{"status","code","message","headers","body"}|"delayMs"|"drop":true,"times"}',
      handle: (request) => ({ status: 201, body: faults.add(parseBody(request, faultSchema)) }),
    },
    {
      method: 'DELETE',
      path: '/faults',
      summary: 'removes every fault',
      handle() {
        faults.clear();
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/settings',
      summary: 'the choices about this world, with their defaults',
      handle: () => ({ status: 200, body: settings.all() }),
    },
    {
      method: 'PUT',
      path: '/settings',
      summary: 'changes settings: {"name": value}',
      handle(request) {
        settings.put(request.json());
        return { status: 200, body: settings.all() };
      },
    },
  ];
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text)) {
    throw new AzureFault(400, 'BadControlRequest', 'limit: must be a whole number');
  }
  return Number(text);
}
