import { makeMetrics } from '../../shared/metrics/make-metrics.ts';
import { makeMessenger } from '../../shared/notify/messenger.ts';
import { makeAdapters } from '../../shared/azure/index.ts';
import { readConfig } from '../../shared/config.ts';
import type { Environment } from '../../shared/config/contradictions.ts';
import { makeObserveCaTarget } from '../activities/ca/keep-ca-target.ts';
import { makeTakeBack } from '../activities/grants/take-back.ts';
import { holdWriters } from '../activities/installations/held-writers.ts';
import { makeServiceHold } from '../activities/installations/hold-service.ts';
import { makeObserveKeys } from '../activities/keys/at-target.ts';
import { makeChangeKeys } from '../activities/keys/change-keys.ts';
import { makeEventRouter } from '../activities/notify/route-events.ts';

/** Everything that is made once at start and that more than one area of the app is given. */
export type World = ReturnType<typeof makeWorld>;

/**
 * Settings → adapters → what several areas share.
 * Thrown when settings are missing or bad: ConfigError.
 */
export function makeWorld(environment: Environment) {
  const config = readConfig(environment);
  const now = () => new Date();
  const made = makeAdapters(config, now);
  const hold = makeServiceHold({ marks: made.marks, ledger: made.installations, now });
  // Whatever changes a service asks first whether this installation is the one to do so.
  const adapters = { ...made, ...holdWriters(made, hold) };
  const { access, caLedger, caStores, certificates, giver, grants, history } = adapters;
  const { ledger, notes, ownKeys: own, pushed, usageIndex, vaults, vaultWriter: writer } = adapters;
  const { consent, keyCare, onSuspect, grantAccess, repairReferences, holdIfBreaking } = config;
  const { vaultSuffix } = config.cloud;
  const vaultNames = new Set(config.vaults.map(({ name }) => name));
  const serviceNames = new Set(config.services.map(({ name }) => name));
  const placeNames = config.notify.places.map(({ name }) => name);

  const looking = { access, certificates, pushed, vaults, writer, vaultSuffix, now };
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  const keyPorts = {
    applications: adapters.applicationKeys,
    subscriptions: adapters.subscriptionCertificates,
    ...{ own, now, pause },
  };
  const changeKeys = makeChangeKeys(keyPorts);
  return {
    ...{ config, now, pause, adapters, hold, vaultNames, serviceNames, placeNames },
    /** What the view of a source is made from. */
    view: {
      ...{ ledger, vaults, consent, keyCare, vaultSuffix, onSuspect, grantAccess },
      ...{ repairReferences, holdIfBreaking },
      services: serviceNames,
      index: usageIndex,
    },
    /** For looking at a vault's access and at a target. */
    looking,
    /** For giving a service what it lacks. */
    giving: { ...looking, giver, grants, history, consent, grantAccess, hold },
    takeBack: makeTakeBack({ giver, grants, history, hold, ledger, now }),
    observeCa: makeObserveCaTarget({ stores: caStores, caLedger }),
    ...{ keyPorts, changeKeys },
    observeKeys: makeObserveKeys(keyPorts),
    registering: { change: changeKeys, now, overlapSeconds: config.keyOverlapSeconds },
    /** What repairs of references need. */
    repairing: {
      ...{ documents: adapters.documents, copies: adapters.copies, repairs: adapters.repairs },
      ...{ history, ledger, certificates, pushed, now },
    },
    publisher: makeEventRouter({
      ...{ publisher: adapters.publisher, notes, rules: config.notify.rules, now },
      places: placeNames,
    }),
    messenger: makeMessenger(adapters.publisher, now),
    metrics: makeMetrics(config.metrics, {
      figures: () => adapters.figures.read(),
      credential: adapters.credential,
      now,
      // eslint-disable-next-line no-console -- outside of an invocation there is no other log
      log: (line) => console.warn(line),
    }),
  };
}
