import * as df from 'durable-functions';
import { readCaUpload } from '../../shared/certificates/read-ca-upload.ts';
import * as contracts from '../../shared/contracts/ca.ts';
import { caUpdateId } from '../../shared/durable/instance-id.ts';
import { isLive, requestCaUpdate } from '../../shared/durable/start-once.ts';
import { makeAdvanceCaUpdate } from '../activities/ca/advance-ca-update.ts';
import {
  makeKeepCaTarget,
  makeLetCaTargetGo,
  type CaUpdater,
} from '../activities/ca/keep-ca-target.ts';
import { makeSurveyCaStore } from '../activities/ca/survey-ca-store.ts';
import { makeTellCaChanges } from '../activities/ca/tell-ca-changes.ts';
import { updateCaStore } from '../orchestrations/update-ca-store.ts';
import type { RegisterActivity } from './register-activity.ts';
import type { World } from './world.ts';

/** The CA stores of services: one update at a time for each. */
export function registerCaStores(world: World, activity: RegisterActivity): void {
  const { adapters, config, now } = world;
  const { caStores: stores, caLedger, caCopies: copies, caArrivals, ledger } = adapters;

  df.app.orchestration(contracts.UPDATE_CA_STORE, updateCaStore);
  activity(contracts.openCaUpdate, async ({ service }) => ({
    arrival: (await caArrivals.read(service)).number,
  }));
  activity(
    contracts.advanceCaUpdate,
    makeAdvanceCaUpdate({ stores, ledger: caLedger, copies, now, downtime: config.caDowntime }),
  );
  activity(
    contracts.tellCaChanges,
    makeTellCaChanges({ ledger: caLedger, publisher: world.publisher }),
    { publishes: true },
  );
  activity(contracts.closeCaUpdate, async ({ service, arrival }) => ({
    again: !(await caArrivals.close(service, arrival)),
  }));

  const caUpdater = (client: df.DurableClient): CaUpdater => {
    const request = async (service: string): Promise<void> => {
      await requestCaUpdate({ client, arrivals: caArrivals, now }, service);
    };
    return {
      request,
      ensure: async (service) => {
        if (!(await isLive(client, caUpdateId(service)))) await request(service);
      },
    };
  };
  const keeping = {
    ...{ stores, caLedger, copies, ledger, now },
    certificates: adapters.publicCertificates,
    readCaFile: readCaUpload,
    downtime: config.caDowntime,
    overlapSeconds: config.caOverlapSeconds,
  };
  const keepCaTarget = makeKeepCaTarget(keeping);
  const letCaTargetGo = makeLetCaTargetGo(keeping);
  const surveyCaStore = makeSurveyCaStore(keeping);
  activity(
    contracts.keepCaTarget,
    (input, context) => keepCaTarget(input, caUpdater(df.getClient(context))),
    { startsSyncs: true },
  );
  activity(
    contracts.letCaTargetGo,
    (input, context) => letCaTargetGo(input, caUpdater(df.getClient(context))),
    { startsSyncs: true },
  );
  activity(
    contracts.surveyCaStore,
    (input, context) => surveyCaStore(input, caUpdater(df.getClient(context))),
    { startsSyncs: true },
  );
}
