/** What it costs to know what uses certificates: the index that the sweep keeps, and a live scan. */
import path from 'node:path';
import { waitFor } from '../local/console/wait-for.ts';
import { makeAppClient, type AppClient } from '../local/console/app-client.ts';
import { makeAzureWire, type AzureWire } from '../local/seed/azure-wire.ts';
import { startSystem } from '../local/system.ts';
import { makeRotations, makeServices, ROTATED, serviceOf } from './fleet.ts';
import { count, ms, percentile, printFigures, progress, ratio, type Figure } from './print.ts';
import { changeOnePolicy, FILLED, fillService, type ContentSize } from './usage-content.ts';

const TARGETS = 3;
const LOOK_UPS = 50;
const ROUNDS = 3;

interface Cost {
  readonly calls: number;
  /** Of these, those that read a policy's text; another asks only whether it changed. */
  readonly texts: number;
  readonly milliseconds: number;
}

export interface UsageFigures {
  readonly refer: number;
  readonly first: Cost;
  readonly unchanged: Cost;
  readonly changed: Cost;
  readonly live: Cost;
  readonly lookUp: Cost;
  /** Places that a look-up found, and what the live scan found. */
  readonly found: { readonly index: number; readonly live: number };
  readonly rotation: Readonly<Record<string, number>>;
}

/** Brings a system up over a service full of policies, and measures sweeps and questions. */
export async function measureUsage(folder: string, size: ContentSize): Promise<UsageFigures> {
  progress('Uses: bringing the service up …');
  const system = await startSystem({
    ...{ port: 0, azurePort: 0, storagePort: 0, stateDir: path.join(folder, 'usage') },
    async prepare(azureUrl) {
      await makeServices(azureUrl, { services: TARGETS, targets: TARGETS, workspaces: 0 });
      return {
        CERTKEEPER_SERVICES: Array.from({ length: TARGETS }, (_, at) => serviceOf(at)).join(','),
        CERTKEEPER_USAGE_MAX_AGE: '0s',
      };
    },
  });
  try {
    const azure = makeAzureWire(system.azureUrl);
    const app = makeAppClient(system.hostUrl, system.headers);
    const fleet = makeRotations(system, TARGETS);
    await fleet.ready();
    progress('Uses: writing policies …');
    const refer = await fillService(azure, size);
    progress('Uses: sweeping …');
    const first = await sweepOnce(azure, app);
    const rounds: { unchanged: Cost; changed: Cost }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // In turns, so that whatever else the machine does falls on both.
      const unchanged = await sweepOnce(azure, app);
      await changeOnePolicy(azure, round);
      rounds.push({ unchanged, changed: await sweepOnce(azure, app) });
    }
    progress('Uses: asking …');
    const ask = makeQuestion(system);
    const live = await costOf(azure, () => ask('&live=true'));
    const times: number[] = [];
    const lookUps = await costOf(azure, async () => {
      let found = 0;
      for (let turn = 0; turn < LOOK_UPS; turn += 1) {
        const begun = performance.now();
        found = await ask('');
        times.push(performance.now() - begun);
      }
      return found;
    });
    progress('Uses: rotating …');
    await fleet.rotate();
    const rotation = await fleet.calls();
    return {
      ...{ refer, first, live, rotation },
      unchanged: middle(rounds.map(({ unchanged }) => unchanged)),
      changed: middle(rounds.map(({ changed }) => changed)),
      lookUp: { ...lookUps, milliseconds: percentile(times, 0.5) },
      found: { index: lookUps.answer, live: live.answer },
    };
  } finally {
    progress('');
    await system.stop();
  }
}

/** One sweep: calls to the filled service, and how long all of the sweep took. */
async function sweepOnce(azure: AzureWire, app: AppClient): Promise<Cost> {
  return await costOf(azure, async () => {
    const id = await app.sweep();
    await waitFor(
      'The sweep',
      async () => {
        const state = (await app.operation(id))?.state;
        return state === 'pending' || state === 'running' ? undefined : state;
      },
      { seconds: 300 },
    );
  });
}

function middle(costs: readonly Cost[]): Cost {
  const of = (pick: (cost: Cost) => number): number => percentile(costs.map(pick), 0.5);
  return {
    calls: of(({ calls }) => calls),
    texts: of(({ texts }) => texts),
    milliseconds: of(({ milliseconds }) => milliseconds),
  };
}

async function costOf<Answer>(
  azure: AzureWire,
  work: () => Promise<Answer>,
): Promise<Cost & { readonly answer: Answer }> {
  await azure.control('DELETE', 'requests');
  const begun = performance.now();
  const answer = await work();
  const milliseconds = performance.now() - begun;
  // The log of requests as docs/local.md has it.
  const { requests } = (await azure.control('GET', 'requests?principal=identity')) as {
    readonly requests: readonly { readonly method: string; readonly path: string }[];
  };
  const calls = requests.filter((one) => one.path.startsWith(FILLED));
  const texts = calls.filter(
    (one) => one.method === 'GET' && one.path.endsWith('/policies/policy'),
  );
  return { answer, calls: calls.length, texts: texts.length, milliseconds };
}

/** Asks what uses the certificate at the filled service; answers in how many places it was found. */
function makeQuestion(system: {
  readonly hostUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}): (more: string) => Promise<number> {
  const target = `${FILLED.slice(FILLED.lastIndexOf('/') + 1)}/certificates/${ROTATED}`;
  return async (more) => {
    const response = await fetch(
      `${system.hostUrl}/api/certificates/contoso-kv/${ROTATED}/usage?target=${target}${more}`,
      { headers: system.headers },
    );
    if (!response.ok) throw new Error(`The question was answered with ${String(response.status)}.`);
    // The body is that of docs/http-api.md.
    const { targets } = (await response.json()) as {
      readonly targets: readonly { readonly references: readonly unknown[] }[];
    };
    return targets[0]?.references.length ?? 0;
  };
}

/** Prints what was measured. */
export function printUsage(figures: UsageFigures, { apis, operations }: ContentSize): void {
  const { refer, first, unchanged, changed, live, lookUp, found, rotation } = figures;
  const all = count(apis * operations);
  const against = (what: string, cost: Cost): Figure => {
    const { calls, texts, milliseconds } = cost;
    const than =
      cost === first
        ? ''
        : `; ${ratio(calls, first.calls)} × calls, ${ratio(milliseconds, first.milliseconds)} × time`;
    const note = `${count(texts)} texts read, ${ms(milliseconds)}${than}`;
    return { what, value: `${count(calls)} calls`, note };
  };
  printFigures(
    `Uses: a sweep over a service of ${count(apis)} APIs and ${all} operations, each with a policy\n` +
      `(calls to that service, time of the whole sweep; median of ${ROUNDS}, but for the first)`,
    [
      against('the first', first),
      against('nothing changed', unchanged),
      against('one policy changed', changed),
    ],
  );
  printFigures(`Uses: what uses a certificate to which ${count(refer)} of its policies refer`, [
    {
      what: 'live=true',
      value: `${count(live.calls)} calls`,
      note: `${ms(live.milliseconds)}; ${count(found.live)} found`,
    },
    {
      what: 'in the index, p50',
      value: `${count(lookUp.calls)} calls`,
      note:
        `${ms(lookUp.milliseconds)}, ${ratio(lookUp.milliseconds, live.milliseconds)} of it; ` +
        `${count(found.index)} found`,
    },
  ]);
  const calls = Object.values(rotation).reduce((sum, one) => sum + one, 0);
  printFigures(
    `Uses: calls to Azure for a rotation of ${TARGETS} targets while these are in the index`,
    [
      {
        what: 'the rotation',
        value: String(calls),
        note: Object.entries(rotation)
          .map(([kind, one]) => `${one} ${kind}`)
          .join(', '),
      },
      {
        what: 'one + one a target',
        value: String(1 + TARGETS),
        note: calls === 1 + TARGETS ? 'equal' : 'NOT EQUAL',
      },
    ],
  );
}
