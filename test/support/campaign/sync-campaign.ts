import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeAppClient } from '../../../local/console/app-client.ts';
import { findBinding } from '../../../local/console/watch-rotation.ts';
import { makeAzureWire, type AzureWire } from '../../../local/seed/azure-wire.ts';
import {
  importCertificate,
  readCertificate,
  readInstalled,
} from '../../../local/seed/certificates.ts';
import {
  commonName,
  EVENTS_TOPIC,
  placePath,
  TEAM,
  type Place,
  type VaultName,
} from '../../../local/seed/fleet.ts';
import { makeSelfSigned } from '../../../local/seed/self-signed.ts';
import { findDamage } from './check-task-hub.ts';
import { makeDurableClient } from './durable-client.ts';
import type { CampaignOptions, CampaignResult } from './engine-campaign.ts';
import type { Killable } from './killable.ts';
import { makeKillableSystem, type SystemAddress } from './killable-system.ts';
import { makeRandom, type Random } from './random.ts';
import { within } from './within.ts';

interface Kept extends Place {
  readonly vault: VaultName;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The seeded fleet's certificates, except the one that is blocked. */
const attached: readonly Kept[] = [
  { vault: 'contoso-kv', name: 'gateway-client', service: 'contoso-gw', tags: {} },
  { vault: 'contoso-kv', name: 'partner-mtls', service: 'contoso-eu-gw', tags: {} },
  { vault: 'contoso-legacy-kv', name: 'legacy-api', service: 'contoso-gw', tags: {} },
  // Its tag asks until it is bound: the first version that is made without it would end that.
  {
    ...{ vault: 'contoso-kv', name: 'team-client', ...TEAM },
    tags: { 'certkeeper-targets': `${TEAM.service}/workspaces/${TEAM.workspace}` },
  },
];
const mostAskedFor = 5;
const settleSeconds = 180;

/**
 * Gives certificates new versions, and asks for new targets by tag, while the whole system is killed
 * again and again; in the end every target must hold the vault's current version.
 * Thrown when the system ends in any other way than by a kill, or does not come to rest.
 */
export async function runSyncCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const random = makeRandom(options.seed);
  const stateDir = path.join(options.folder, 'state');
  const refreshesFile = path.join(options.folder, 'refreshes.txt');
  mkdirSync(stateDir, { recursive: true });
  let imports = 0;
  const tell = (): void => options.onProgress(`${system.kills} kills, ${imports} new versions`);
  const system = makeKillableSystem({
    ...{ stateDir, refreshesFile, random: random.fork(), onKill: tell },
  });
  const all = [...attached];
  const versions = new Map<string, number>();
  try {
    await persistently(system, speedUpDelivery);
    while (system.kills < options.kills || Date.now() < options.untilMs) {
      const kept = choose(all, random);
      versions.set(kept.name, (versions.get(kept.name) ?? 0) + (await importVersion(system, kept)));
      imports++;
      tell();
      await wait(random.pick([0, 0, 100, 1_000]));
    }
    system.calm();
    await system.done;
    await within(settleSeconds, 'every target to be current', () => findStale(system, all));
    const durable = makeDurableClient(async () => {
      const { hostUrl, keys } = await system.address();
      return { url: hostUrl, key: keys.durable };
    });
    await within(settleSeconds, 'the end of every orchestration', async () =>
      (await durable.unfinished()).filter((id) => id !== 'sweep'),
    );
    const silent = await findUnpublished(system, all);
    const code = await system.stop();
    const refreshes = readRefreshes(refreshesFile);
    return {
      summary:
        `${system.kills} kills, ${imports} new versions of ${all.length} certificates, ` +
        `${refreshes.length} refreshes, every target current`,
      wrong: [
        ...(code === 0 ? [] : [`the system stopped with ${String(code)}: ${system.output()}`]),
        ...silent,
        ...findUnexplained(refreshes, versions, system.kills),
        ...findDamage(path.join(stateDir, 'host')),
      ],
    };
  } finally {
    system.abandon();
  }
}

/** One that is there, or now and then a new one whose tag asks for a service. */
function choose(all: Kept[], random: Random): Kept {
  if (all.length - attached.length >= mostAskedFor || !random.chance(0.1)) return random.pick(all);
  const place = random.pick<Place>([{ service: 'contoso-gw' }, { service: 'contoso-eu-gw' }, TEAM]);
  const kept: Kept = {
    vault: 'contoso-kv',
    name: `asked-${all.length}`,
    ...place,
    tags: { 'certkeeper-targets': placePath(place) },
  };
  all.push(kept);
  return kept;
}

type System = Killable<SystemAddress>;

/**
 * Does something until it is answered, however often the system dies meanwhile.
 * Thrown when that takes too long: Error, with the last failure as its cause.
 */
async function persistently<T>(
  system: System,
  what: (azure: AzureWire, address: SystemAddress) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + settleSeconds * 1_000;
  for (;;) {
    const address = await system.address();
    try {
      return await what(makeAzureWire(address.azureUrl), address);
    } catch (cause) {
      if (performance.now() > deadline) throw new Error('It was never answered.', { cause });
      await wait(50);
    }
  }
}

/** Event Grid waits ten seconds before it delivers again; here a tenth of it. */
async function speedUpDelivery(azure: AzureWire): Promise<void> {
  await azure.control('PUT', 'settings', { 'eventGrid.deliveryScale': 0.1 });
}

/** @returns how many versions that may have made: an import whose answer was lost is made again */
async function importVersion(system: System, kept: Kept): Promise<number> {
  const { vault, name, tags } = kept;
  const certificate = await makeSelfSigned(commonName(name), new Date());
  let tries = 0;
  await persistently(system, async (azure) => {
    tries++;
    await importCertificate(azure, vault, name, certificate, tags);
  });
  return tries;
}

/** @returns what is not the vault's current version at its target, or not so in the ledger */
async function findStale(system: System, all: readonly Kept[]): Promise<string[]> {
  return await persistently(system, async (azure, { hostUrl, keys }) => {
    const app = makeAppClient(hostUrl, { 'x-functions-key': keys.functionDefault });
    const stale: string[] = [];
    for (const kept of all) {
      const wanted = (await readCertificate(azure, kept.vault, kept.name))?.thumbprint;
      const installed = await readInstalled(azure, kept, kept.name);
      const binding = await findBinding(app, kept);
      const isInstalled =
        wanted !== undefined &&
        installed?.thumbprint === wanted &&
        // What is in a workspace has been put there.
        (kept.workspace !== undefined ||
          installed.secretIdentifier?.endsWith(`/secrets/${kept.name}`) === true);
      const isKnown = binding?.status === 'verified' && binding.thumbprint === wanted;
      if (!isInstalled || !isKnown) stale.push(kept.name);
    }
    return stale;
  });
}

/** What a target holds in the end was told to whoever listens, at least once. */
async function findUnpublished(system: System, all: readonly Kept[]): Promise<string[]> {
  return await persistently(system, async (azure) => {
    const told = JSON.stringify(await azure.control('GET', `topics/${EVENTS_TOPIC}/events`));
    const missing: string[] = [];
    for (const { vault, name } of all) {
      const wanted = (await readCertificate(azure, vault, name))?.thumbprint ?? 'nothing';
      if (!told.includes(wanted)) missing.push(`nobody was told that ${name} is now ${wanted}`);
    }
    return missing;
  });
}

function readRefreshes(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** One refresh for each version, and one more when a kill took the first one's result away. */
function findUnexplained(
  refreshes: readonly string[],
  versions: ReadonlyMap<string, number>,
  kills: number,
): string[] {
  const names = [...new Set(refreshes)];
  return names.flatMap((name) => {
    const count = refreshes.filter((one) => one === name).length;
    const explained = (versions.get(name) ?? 0) + kills;
    return count > explained ? [`${name} was refreshed ${count} times, not ${explained}`] : [];
  });
}
