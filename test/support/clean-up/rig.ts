/** A simulated Azure and an engine that many small worlds share one after the other. */
import { sweep } from '../../../functions/orchestrations/sweep.ts';
import { syncCertificate } from '../../../functions/orchestrations/sync-certificate.ts';
import * as accessContracts from '../../../shared/contracts/access.ts';
import * as caContracts from '../../../shared/contracts/ca.ts';
import * as cleanupContracts from '../../../shared/contracts/cleanup.ts';
import * as sweepContracts from '../../../shared/contracts/sweep.ts';
import * as syncContracts from '../../../shared/contracts/sync.ts';
import type { StartOnce } from '../../../shared/durable/start-once.ts';
import { contractActivities } from '../../orchestrations/app/contract-activities.ts';
import { startAzureUnderTest, type AzureUnderTest } from '../azure/azure-clients.ts';
import { makeOrchestrationKit, type OrchestrationKit } from '../orchestration-kit.ts';

type Serving = (name: string, input: unknown) => Promise<unknown>;

export interface Rig {
  readonly azure: AzureUnderTest;
  readonly kit: OrchestrationKit;
  readonly client: StartOnce['client'];
  /** The one time of Azure, the engine and Certkeeper. */
  now(): Date;
  pass(seconds: number): Promise<void>;
  /** Runs orchestrations side by side to their end. @returns their ids */
  sweep(inputs: readonly object[]): Promise<readonly string[]>;
  /** What runs the activities from now on. */
  serve(run: Serving): void;
  stop(): Promise<void>;
}

export async function startRig(): Promise<Rig> {
  const azure = await startAzureUnderTest();
  let ahead = 0;
  let run: Serving = (name) => Promise.reject(new Error(`Nobody serves ${name}.`));
  const contracts = [
    ...[accessContracts, caContracts, cleanupContracts, sweepContracts, syncContracts],
  ].flatMap((exported): unknown[] => Object.values(exported));
  const kit = await makeOrchestrationKit({
    orchestrators: { Sweep: sweep, SyncCertificate: syncCertificate },
    activities: contractActivities(
      contracts,
      Object.fromEntries(
        contracts.flatMap((one) => {
          const name: unknown = Reflect.get(Object(one), 'name');
          return typeof name === 'string' ? [[name, (input: unknown) => run(name, input)]] : [];
        }),
      ),
    ),
    startAt: new Date().toISOString(),
    replay: 'cached',
  });
  const outside = () => Date.now() + ahead;
  let sweeps = 0;

  const rig: Rig = {
    azure,
    kit,
    client: {
      // Of a status, the ports that are tested ask for nothing but the state.
      getStatus: (async (id: string) => {
        const { status } = known(kit, id);
        return { runtimeStatus: status };
      }) as unknown as StartOnce['client']['getStatus'],
      startNew: async (name, given) => {
        const instanceId = given?.instanceId;
        return kit.start(name, given?.input, instanceId === undefined ? {} : { instanceId });
      },
    },
    now: () => new Date(Math.max(outside(), kit.now().getTime())),
    async pass(seconds) {
      ahead += seconds * 1_000;
      await azure.ask('POST', '/_local/clock', { advance: seconds });
    },
    async sweep(inputs) {
      kit.setClock(rig.now());
      const ids = inputs.map((input) => {
        sweeps += 1;
        return kit.start('Sweep', input, { instanceId: `sweep-${String(sweeps)}` });
      });
      await kit.settle();
      // What was waited for on durable timers has passed everywhere.
      const waited = (kit.now().getTime() - outside()) / 1_000;
      if (waited > 0) await rig.pass(waited);
      return ids;
    },
    serve(next) {
      run = next;
    },
    async stop() {
      await kit.stop();
      await azure.stop();
    },
  };
  return rig;
}

function known(kit: OrchestrationKit, id: string) {
  try {
    return kit.result(id);
  } catch {
    throw new Error('HTTP 404');
  }
}
