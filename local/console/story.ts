/** The story that `npm run demo` tells: each chapter does something and says what came of it. */
import { azureTime } from '../seed/azure-time.ts';
import type { AzureWire } from '../seed/azure-wire.ts';
import { importCertificate, readCertificate, readInstalled } from '../seed/certificates.ts';
import { API, commonName, TEAM, vaultId } from '../seed/fleet.ts';
import { makeSelfSigned } from '../seed/self-signed.ts';
import type { AppClient, ShownOperation } from './app-client.ts';
import { makeCaChapters } from './ca-chapters.ts';
import { CLEAN_UPS, REPAIRS } from './clean-up-chapters.ts';
import { KEYS } from './key-chapters.ts';
import { shortThumbprint } from './thumbprint.ts';
import { UPLOADS } from './upload-chapters.ts';
import { waitFor } from './wait-for.ts';
import { findBinding, watchRotation, type EventEar, type Watched } from './watch-rotation.ts';
import { wrap } from './wrap.ts';

/** Where the story happens. */
export interface Stage {
  readonly azure: AzureWire;
  readonly app: AppClient;
  readonly ear: EventEar;
  readonly signal: AbortSignal;
  /** What partner-mtls was pinned to before Certkeeper was there. */
  readonly pinnedTo: string | undefined;
  /** Whether contoso-lab-gw had no identity before Certkeeper was there. */
  readonly hadNoIdentity: boolean;
  readonly say: (text: string) => void;
}

export interface Ending {
  /** e.g. `attached` */
  readonly outcome: string;
  readonly thumbprint: string;
  readonly seconds: number;
}

export interface Chapter {
  readonly title: string;
  readonly certificate: string;
  readonly service: string;
  /** Throws when it does not come out as it should. */
  readonly play: (stage: Stage) => Promise<Ending>;
}

const ORDERS = { vault: 'contoso-kv', name: 'orders-client', service: 'contoso-gw' } as const;
const GATEWAY = { vault: 'contoso-kv', name: 'gateway-client', service: 'contoso-gw' } as const;
const PARTNER = { vault: 'contoso-kv', name: 'partner-mtls', service: 'contoso-eu-gw' } as const;
const TEAM_CLIENT = { vault: 'contoso-kv', name: 'team-client', ...TEAM } as const;
const REPORTS = { vault: 'contoso-kv', name: 'reports', service: 'contoso-lab-gw' } as const;

export const STORY: readonly Chapter[] = [
  {
    title: 'A team asks for a certificate by a tag: certkeeper-targets = contoso-gw',
    ...named(ORDERS),
    play: attachByTag,
  },
  {
    title: 'A certificate gets a new version, and its service follows',
    ...named(GATEWAY),
    play: rotate,
  },
  {
    title: 'A workspace cannot read Key Vault: Certkeeper puts each new version there',
    ...named(TEAM_CLIENT),
    play: pushToWorkspace,
  },
  ...UPLOADS,
  {
    title: 'A certificate was pinned to a version, so it could never rotate',
    ...named(PARTNER),
    play: repairPin,
  },
  {
    title: 'No identity: with CERTKEEPER_GRANT_ACCESS=auto the service is given access',
    ...named(REPORTS),
    play: giveAccess,
  },
  ...REPAIRS,
  ...CLEAN_UPS,
  ...makeCaChapters(),
  ...KEYS,
  {
    title: 'A firewall shuts a service out: Certkeeper says so, and names the cure',
    ...named(GATEWAY),
    play: findBlocked,
  },
  { title: 'Somebody does what it says', ...named(GATEWAY), play: cure },
];

function named({ name, service, workspace }: Watched): Pick<Chapter, 'certificate' | 'service'> {
  return {
    certificate: name,
    service: workspace === undefined ? service : `${service} (${workspace})`,
  };
}

async function attachByTag({ azure, app, signal, say }: Stage): Promise<Ending> {
  const { vault, name, service } = ORDERS;
  const certificate = await makeSelfSigned(commonName(name), new Date());
  const start = performance.now();
  await importCertificate(azure, vault, name, certificate, { 'certkeeper-targets': service });
  await verified(app, ORDERS, certificate.thumbprint, signal);
  const seconds = secondsSince(start);
  const installed = await readInstalled(azure, { service }, name);
  expect(installed?.thumbprint === certificate.thumbprint, `${service} holds another certificate`);
  say(`   reference  ${installed.secretIdentifier ?? ''}`);
  return { outcome: 'attached', thumbprint: certificate.thumbprint, seconds };
}

async function rotate({ azure, app, ear, signal, say }: Stage): Promise<Ending> {
  const seen = await watchRotation({ azure, app, ear }, GATEWAY, signal);
  say(`   event      after ${(seen.eventSeconds ?? seen.rotatedSeconds).toFixed(2)} s`);
  say(`   before     ${seen.before ?? 'nothing'}`);
  say(`   after      ${seen.after}`);
  return { outcome: 'rotated', thumbprint: seen.after, seconds: seen.verifiedSeconds };
}

async function pushToWorkspace({ azure, app, ear, signal, say }: Stage): Promise<Ending> {
  const seen = await watchRotation({ azure, app, ear }, TEAM_CLIENT, signal);
  say(`   before     ${seen.before ?? 'nothing'}`);
  say(`   after      ${seen.after}`);
  return { outcome: 'pushed', thumbprint: seen.after, seconds: seen.verifiedSeconds };
}

async function repairPin({ azure, app, ear, signal, say, pinnedTo }: Stage): Promise<Ending> {
  const { vault, name, service } = PARTNER;
  expect(pinnedTo?.split('/').length === 6, `${name} was not pinned to begin with`);
  const repaired = await waitFor(
    `The repair of ${name}`,
    async () => {
      const installed = await readInstalled(azure, { service }, name);
      return installed?.secretIdentifier === `https://${vault}.vault.azure.net/secrets/${name}`
        ? installed
        : undefined;
    },
    { signal },
  );
  say(`   before     ${shortIdentifier(pinnedTo)}`);
  say(`   after      ${repaired.secretIdentifier}`);
  const seen = await watchRotation({ azure, app, ear }, PARTNER, signal);
  return { outcome: 'repaired, rotated', thumbprint: seen.after, seconds: seen.verifiedSeconds };
}

/** Its tag has asked since before Certkeeper was there; the first sweep took it up. */
async function giveAccess({ azure, app, signal, say, hadNoIdentity }: Stage): Promise<Ending> {
  const { vault, name, service } = REPORTS;
  expect(hadNoIdentity, `${service} had an identity to begin with`);
  const start = performance.now();
  const wanted = await readCertificate(azure, vault, name);
  const thumbprint = wanted?.thumbprint ?? '';
  await verified(app, REPORTS, thumbprint, signal);
  const seconds = secondsSince(start);
  const given = await app.given(vault, name);
  expect(given.length === 2, `Certkeeper says that it gave ${String(given.length)} things, not 2`);
  for (const message of given) say(wrap(message, '   '));
  return { outcome: 'given, attached', thumbprint, seconds };
}

async function findBlocked({ azure, app, signal, say }: Stage): Promise<Ending> {
  const { vault, name } = GATEWAY;
  await azure.ask(
    'PATCH',
    `management.azure.com${vaultId(vault)}?api-version=${API.keyVaultResource}`,
    {
      body: { properties: { networkAcls: { defaultAction: 'Deny', bypass: 'None' } } },
    },
  );
  const current = await readCertificate(azure, vault, name);
  const certificate = await makeSelfSigned(commonName(name), await azureTime(azure));
  const start = performance.now();
  await importCertificate(azure, vault, name, certificate, current?.tags);
  const operation = await sync(app, signal);
  const seconds = secondsSince(start);
  expect(operation.state === 'blocked', `the operation is ${operation.state}, not blocked`);
  const { problem } = operation;
  expect(problem?.cure !== undefined, 'the operation names no cure');
  say(wrap(`${problem.code}: ${problem.message}`, '   '));
  say(wrap(`Cure: ${problem.cure}`, '   '));
  return { outcome: 'blocked', thumbprint: '', seconds };
}

async function cure({ azure, app, signal, say }: Stage): Promise<Ending> {
  const { vault, name, service } = GATEWAY;
  const wanted = await readCertificate(azure, vault, name);
  await azure.ask(
    'PATCH',
    `management.azure.com${vaultId(vault)}?api-version=${API.keyVaultResource}`,
    {
      body: { properties: { networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } } },
    },
  );
  say(`   ${vault} lets trusted Azure services pass its firewall`);
  const start = performance.now();
  const operation = await sync(app, signal);
  expect(operation.state === 'succeeded', `the operation is ${operation.state}: ${operation.step}`);
  const thumbprint = wanted?.thumbprint ?? '';
  await verified(app, GATEWAY, thumbprint, signal);
  const seconds = secondsSince(start);
  const installed = await readInstalled(azure, { service }, name);
  expect(installed?.thumbprint === thumbprint, `${service} holds another certificate`);
  return { outcome: 'rotated', thumbprint, seconds };
}

/** Asks for a sync of `gateway-client` and waits for its end. */
async function sync(app: AppClient, signal: AbortSignal): Promise<ShownOperation> {
  const id = await app.sync(GATEWAY.vault, GATEWAY.name);
  return await waitFor(
    `The sync of ${GATEWAY.name}`,
    async () => {
      const operation = await app.operation(id);
      const open = operation?.state === 'pending' || operation?.state === 'running';
      return open ? undefined : operation;
    },
    { signal },
  );
}

async function verified(
  app: AppClient,
  what: Watched,
  thumbprint: string,
  signal: AbortSignal,
): Promise<void> {
  await waitFor(
    `The verification of ${what.name}`,
    async () => {
      const binding = await findBinding(app, what);
      return binding?.status === 'verified' && binding.thumbprint === thumbprint ? true : undefined;
    },
    { signal },
  );
}

function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

/** A version is 32 digits long: its first eight tell it apart. */
function shortIdentifier(identifier: string): string {
  const parts = identifier.split('/');
  const version = parts.pop() ?? '';
  return [...parts, shortThumbprint(version)].join('/');
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1_000;
}
