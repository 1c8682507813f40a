/** What is found of places that do not get their source's current version, and of what cannot be read. */
import { until } from '../../azure/until.ts';
import { makeOrphan } from '../make-facts.ts';
import {
  attachAndUse,
  attachAs,
  noteBinding,
  noteSource,
  patch,
  targetOf,
  useBy,
  type FleetRow,
} from './row.ts';

const WALL = { networkAcls: { defaultAction: 'Deny', bypass: 'None' } };
const refused = (
  code:
    | 'TARGET_TAKEN'
    | 'AZURE_REFUSED'
    | 'TAG_UNKNOWN'
    | 'TARGET_UNREADABLE'
    | 'VERSION_HELD'
    | 'VERSION_SUSPECT',
) => ({ code, message: `As a sync says it: ${code}.` }) as const;

/** The first of them: time passes in it, and for all that is made before. */
export const POLLED: FleetRow = {
  where: 'a service failed to read its vault when it last tried',
  build: async (w) => {
    await attachAndUse(w);
    await w.changeVault(WALL);
    await w.ask('POST', '/_local/clock', { advance: 4 * 3_600 + 60 });
    await until(async () => (await w.findings()).includes('notice LAST_READ_FAILED'));
    await w.changeVault({ networkAcls: { defaultAction: 'Allow' } });
  },
  finds: ({ client }) => [`REFRESH_FAILED ${client()}`],
};

export const PLACE_ROWS: readonly FleetRow[] = [
  {
    where: 'a target and a custom domain do not hold the current version',
    build: async (w) => {
      await attachAndUse(w);
      await w.importVersion({}, undefined, 'domain');
      await patch(w, {
        hostnameConfigurations: [
          {
            ...{ type: 'Proxy', hostName: 'api.contoso.com', defaultSslBinding: true },
            keyVaultId: `https://${w.vault}.vault.azure.net/secrets/domain`,
          },
        ],
      });
    },
    then: async (w) => {
      await w.importVersion();
      await w.importVersion({}, undefined, 'domain');
    },
    finds: ({ client, service }) => [
      `STALE_AT_TARGET ${client()}`,
      `HOSTNAME_STALE ${service}/hostnames/api.contoso.com`,
    ],
  },
  {
    where: 'a reference names a version',
    build: async (w) => {
      const version = await w.currentVersion();
      await attachAs(w, 'c', `https://${w.vault}.vault.azure.net/secrets/c/${version}`);
      await useBy(w, [{ id: 'c' }]);
    },
    finds: ({ client }) => [`VERSION_PINNED_AT_TARGET ${client()}`],
  },
  {
    where: 'the current version is disabled',
    build: (w) => attachAndUse(w),
    then: (w) => w.importVersion({ attributes: { enabled: false } }),
    finds: ({ source }) => [`SOURCE_DISABLED ${source()}`],
  },
  {
    where: 'a certificate was deleted, and nobody has noticed',
    build: (w) => attachAndUse(w),
    then: (w) => w.askVault('DELETE', '/certificates/c'),
    finds: ({ client }) => [`SOURCE_SOFT_DELETED ${client()}`],
  },
  {
    where: 'a certificate is gone for good',
    build: (w) => attachAndUse(w),
    then: async (w) => {
      await w.askVault('DELETE', '/certificates/c');
      await w.askVault('DELETE', '/deletedcertificates/c');
    },
    finds: ({ client }) => [`SOURCE_GONE ${client()}`],
  },
  {
    where: 'a target is left over from a certificate that was deleted',
    build: (w) => attachAndUse(w),
    then: async (w, { ledger }) => {
      await w.askVault('DELETE', '/certificates/c');
      // As the sweep leaves it.
      const orphan = makeOrphan({ target: targetOf(w) });
      await ledger.saveOrphans({ vault: w.vault, name: 'c' }, [orphan]);
    },
    finds: ({ client }) => [`ORPHANED ${client()}`],
  },
  {
    where: 'a target reads a vault that is not under care',
    vaultNotUnderCare: true,
    build: (w) => attachAndUse(w),
    finds: ({ client }) => [`SOURCE_VAULT_FOREIGN ${client()}`],
  },
  {
    where: 'a vault is deleted',
    build: (w) => attachAndUse(w),
    then: async (w) => {
      await w.ask('DELETE', `${w.vaultId}?api-version=2023-07-01`);
    },
    finds: ({ vault }) => [`VAULT_GONE ${vault}`],
  },
  {
    where: 'a vault may not be read',
    build: (w) => attachAndUse(w),
    last: (w) => refuse(w, { host: `${w.vault}.vault.azure.net`, path: '/certificates' }),
    finds: ({ vault }) => [`VAULT_UNREADABLE ${vault}`],
  },
  {
    where: 'a service may not be read',
    build: (w) => attachAndUse(w),
    last: (w) => refuse(w, { method: 'GET', path: `**/service/${w.service}` }),
    finds: ({ service }) => [`SERVICE_UNREADABLE ${service}`],
  },
  {
    where: 'the gateways of a service may not be listed',
    build: (w) => attachAndUse(w),
    last: (w) => refuse(w, { method: 'GET', path: `**/service/${w.service}/gateways` }),
    finds: ({ service }) => [`SERVICE_UNREADABLE ${service}`],
  },
  {
    where: 'a tag asks for a target that was never brought about',
    then: async (w, { ledger }) => {
      const source = { vault: w.vault, name: 'c' };
      const target = targetOf(w);
      const problem = refused('TARGET_TAKEN');
      await ledger.saveBinding({
        ...{ source, target, origin: 'tag', claimed: false, versionless: false },
        ...{ status: 'blocked', problem },
      });
    },
    finds: ({ service }) => [`BINDING_UNSATISFIED ${service}`],
  },
  {
    where: 'the last sync could not deal with a target that was in order before',
    build: (w) => attachAndUse(w),
    then: (w, fleet) =>
      noteBinding(w, fleet, {
        ...{ status: 'blocked', verifiedAt: fleet.now().toISOString() },
        problem: refused('AZURE_REFUSED'),
      }),
    finds: ({ client }) => [`SYNC_BLOCKED ${client()}`],
  },
  {
    where: 'a new version is held until somebody approves it',
    build: (w) => attachAndUse(w),
    then: async (w, fleet) => {
      await w.importVersion();
      await noteBinding(w, fleet, { status: 'blocked', problem: refused('VERSION_HELD') });
    },
    finds: ({ source }) => [`VERSION_HELD ${source()}`],
  },
  {
    where: 'the current version does not look like the one before',
    build: (w) => attachAndUse(w),
    then: async (w, fleet) =>
      noteSource(w, fleet, {
        suspect: { version: await w.currentVersion(), problem: refused('VERSION_SUSPECT') },
      }),
    finds: ({ source }) => [`VERSION_SUSPECT ${source()}`],
  },
  {
    where: 'tags say what nobody understands, and an acknowledgement cannot be read',
    build: async (w) => {
      await w.importVersion({ tags: { 'certkeeper-ack': 'some day' } });
      await attachAndUse(w);
    },
    then: (w, fleet) =>
      noteSource(w, fleet, { problems: [refused('TAG_UNKNOWN'), refused('TARGET_UNREADABLE')] }),
    finds: ({ source }) => [
      `ACKNOWLEDGEMENT_UNREADABLE ${source()}`,
      `TAG_UNKNOWN ${source()}`,
      `TARGET_UNREADABLE ${source()}`,
    ],
  },
  {
    where: 'a rotation broke what referred by the thumbprint',
    build: (w) => attachAndUse(w),
    then: (w, fleet) =>
      noteBinding(w, fleet, { broken: { thumbprints: ['A'.repeat(40)], problems: [] } }),
    finds: ({ client }) => [`REFERENCE_BROKEN ${client()}`],
  },
  {
    where: 'a notification could not be delivered',
    build: (w) => attachAndUse(w),
    then: async (_, { undelivered, now }) => {
      undelivered.push({ place: 'teams', message: 'It answers 410.', at: now().toISOString() });
    },
    finds: () => ['NOTIFICATION_FAILED teams'],
  },
];

async function refuse(
  w: Parameters<NonNullable<FleetRow['last']>>[0],
  match: object,
): Promise<void> {
  await w.ask('POST', '/_local/faults', { match, answer: { status: 403, code: 'Forbidden' } });
}
