/** What goes wrong at Fabrikam once Certkeeper keeps it. */
import type { AppClient } from '../../console/app-client.ts';
import { waitFor } from '../../console/wait-for.ts';
import { azureTime } from '../azure-time.ts';
import type { AzureWire } from '../azure-wire.ts';
import { API, LOCATION } from '../fleet.ts';
import { makeHands } from './hands.ts';
import { FABRIKAM_ID, FABRIKAM_TAGS } from './names.ts';
import type { LaterHands } from './trouble.ts';
import { TROUBLES } from './troubles.ts';

const VAULT = 'fabrikam-kv';
/** The app has other things to do than to be asked, and this machine may have others still. */
const PATIENTLY = { pollMs: 250, seconds: 300 };
/** All its sweeps are one operation. */
const SWEEP = 'sweep';

/** Where it goes on. */
export interface FabrikamWorld extends Pick<LaterHands, 'addRow'> {
  readonly azure: AzureWire;
  readonly app: Pick<AppClient, 'certificates' | 'operation' | 'sync'>;
}

/** Whether something is to go wrong still. */
export async function goesOn(azure: AzureWire): Promise<boolean> {
  const group = await azure.resource(FABRIKAM_ID, API.resources);
  return group?.tags?.['ahead'] === FABRIKAM_TAGS.begun.ahead;
}

/**
 * Does, once, what people do after Certkeeper's first sweep, and lets it look at that. Where it was cut
 * off in the midst of it, the next call begins with it anew, which does little harm.
 *
 * Throws the signal's reason when it is aborted; and, after all else, what was refused: where settings
 * of the shell allow less, not all of it can be done.
 */
export async function goOn(
  { azure, app, addRow }: FabrikamWorld,
  signal?: AbortSignal,
): Promise<void> {
  const hands: LaterHands = { ...makeHands(azure, await azureTime(azure)), addRow };
  const later = TROUBLES.flatMap(({ since }) => since ?? []);
  const kept = later.flatMap((one) => one.kept ?? []);
  await untilEnded(app, SWEEP, signal);
  await untilKept(app, new Set(kept), signal);
  const outcomes = await Promise.allSettled(later.map(({ happened }) => happened(hands)));
  await azure.putResource(FABRIKAM_ID, API.resources, {
    location: LOCATION,
    tags: FABRIKAM_TAGS.ended,
  });
  await Promise.all(kept.map(async (name) => untilEnded(app, await app.sync(VAULT, name), signal)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Waits until Certkeeper has dealt with these wherever they are installed. */
async function untilKept(
  app: FabrikamWorld['app'],
  names: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  await waitFor(
    'The verification of what Fabrikam has',
    async () => {
      const kept = (await app.certificates()).filter(
        ({ vault, name, bindings }) =>
          vault === VAULT &&
          names.has(name) &&
          bindings.length > 0 &&
          bindings.every(({ status }) => status !== 'pending'),
      );
      return kept.length === names.size ? kept : undefined;
    },
    { ...PATIENTLY, signal },
  );
}

async function untilEnded(
  app: FabrikamWorld['app'],
  id: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await waitFor(
    `The end of ${id}`,
    async () => {
      const operation = await app.operation(id);
      return operation === undefined || ['pending', 'running'].includes(operation.state)
        ? undefined
        : operation;
    },
    { ...PATIENTLY, signal },
  );
}
