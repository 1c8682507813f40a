import { makeRoutes, type RouteParts } from '../../functions/routes.ts';

/**
 * Every route of the app, over parts that nobody may touch: for what is decided before a route does
 * anything, and for how routes describe themselves.
 */
export function sampleRoutes() {
  const untouchable: unknown = new Proxy(
    {},
    {
      get: (_, name) => {
        throw new Error(`Nobody may use ${String(name)} here`);
      },
    },
  );
  const care = { vaults: new Set(['contoso-kv']), services: new Set(['contoso-gw']) };
  const audits = { reports: untouchable, acknowledgements: untouchable };
  // What is destructured when the routes are made must be there; nothing of it may be used.
  const known: Readonly<Record<string | symbol, unknown>> = {
    care,
    audits,
    backups: { backups: untouchable },
  };
  const parts: unknown = new Proxy(known, {
    get: (there, name) => there[name] ?? untouchable,
  });
  return makeRoutes(parts as RouteParts);
}
