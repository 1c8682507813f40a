/** Troubles with what Certkeeper keeps already: each comes of what was before, and what people did since. */
import { makeAuthority } from '../authority.ts';
import { assignRole, ROLES } from '../roles.ts';
import type { FirstHands } from './hands.ts';
import {
  FABRIKAM_PLACE,
  fabrikamServiceId,
  fabrikamVaultId,
  type FabrikamService,
} from './names.ts';
import { at, from, type Trouble } from './trouble.ts';

const GW = 'fabrikam-gw';
const KV = 'fabrikam-kv';
const FRANCHISE = 'fabrikam-franchise-gw';
const BRANCH = 'fabrikam-branch-gw';
const PLANT = 'fabrikam-plant-gw';
const ANNEX = 'fabrikam-annex-gw';

export const KEPT_TROUBLES: readonly Trouble[] = [
  {
    where: 'a new version is for another name than the one before',
    happened: (h) => h.keep(GW, KV, 'canteen'),
    since: { kept: 'canteen', happened: (h) => h.add(KV, 'canteen', { subject: 'kitchen' }) },
    finds: [`VERSION_SUSPECT ${from('canteen')}`],
  },
  {
    where: 'so is one of a certificate whose versions are held then',
    happened: (h) => h.keep(GW, KV, 'safe'),
    since: { kept: 'safe', happened: (h) => h.add(KV, 'safe', { subject: 'strongroom' }) },
    finds: [`VERSION_HELD ${from('safe')}`],
  },
  {
    where: 'somebody has pointed a target to another certificate',
    async happened(h) {
      await h.keep(GW, KV, 'refunds');
      await h.add(KV, 'refunds-new');
    },
    since: {
      kept: 'refunds',
      happened: (h) => h.attach(GW, KV, 'refunds-new', { id: 'refunds' }),
    },
    finds: [`REFERENCE_ELSEWHERE ${at('refunds')}`],
  },
  {
    where: 'a workspace was deleted in which a certificate was kept',
    async happened(h) {
      await h.put(GW, 'workspaces/team-d', { displayName: 'Team D' });
      await h.add(KV, 'lathe', {}, asks(`${GW}/workspaces/team-d`));
    },
    since: { kept: 'lathe', happened: (h) => h.remove(GW, 'workspaces/team-d') },
    finds: [`WORKSPACE_NOT_FOUND ${GW}`],
  },
  {
    where: 'the file that is put into a workspace lacks its issuer',
    async happened(h) {
      const issuer = await makeAuthority('Fabrikam Workshop CA', h.present);
      await h.put(GW, 'workspaces/team-c', { displayName: 'Team C' });
      await h.add(KV, 'drill', { issuer }, asks(`${GW}/workspaces/team-c`));
    },
    since: { kept: 'drill', happened: (h) => h.use(GW, 'drill', undefined, 'team-c') },
    finds: [`CHAIN_BROKEN ${from('drill')}`],
  },
  {
    where: 'what is missing at a service may not be put back, nor may its mark be read',
    async happened(h) {
      await h.add(KV, 'counter', {}, asks(BRANCH));
      await h.attach(BRANCH, KV, 'counter');
      await h.keep(BRANCH, KV, 'shelves');
      await forbid(h, BRANCH, ['service/certificates/write', 'service/tags/*']);
    },
    since: { kept: 'counter', happened: (h) => h.remove(BRANCH, 'certificates/counter') },
    finds: [`SYNC_BLOCKED ${BRANCH}`, `SERVICE_UNMARKED ${BRANCH}`],
  },
  {
    where: 'a service has two identities, and what said which of them reads was removed',
    async happened(h) {
      const { id, clientId, principalId } = await h.identity('fabrikam-plant-id');
      await h.patch(PLANT, only(id));
      const vault = fabrikamVaultId(KV);
      await assignRole(h.azure, vault, principalId, ROLES.keyVaultCertificateUser);
      await h.add(KV, 'mixer', {}, asks(PLANT));
      await h.attach(PLANT, KV, 'mixer', { identityClientId: clientId });
    },
    since: {
      kept: 'mixer',
      async happened(h) {
        const both = [await h.identity('fabrikam-plant-id'), await h.identity('fabrikam-spare-id')];
        await h.patch(PLANT, only(...both.map(({ id }) => id)));
        await h.remove(PLANT, 'certificates/mixer');
      },
    },
    finds: [`IDENTITY_AMBIGUOUS ${PLANT}`],
  },
  {
    where: 'another installation keeps a service',
    async happened(h) {
      await h.keep(FRANCHISE, KV, 'franchise');
      await h.put(FRANCHISE, 'tags/certkeeper-installation', {
        displayName: 'Certkeeper franchise',
      });
    },
    finds: [`SERVICE_TAKEN ${FRANCHISE}`],
  },
  {
    where: 'a newer version of Certkeeper, tried for a moment, has left a binding of a new kind',
    happened: (h) => h.keep(GW, KV, 'outlet'),
    since: {
      kept: 'outlet',
      happened: (h) =>
        h.addRow({
          partition: `source|${KV}|outlet`,
          row: `binding|${GW}=2Fstreams=2Foutlet`,
          document: {
            ...{ target: `${GW}/streams/outlet`, origin: 'tag', claimed: true },
            ...{ status: 'verified', versionless: true },
          },
        }),
    },
    // Nor can the backup that the audit writes have it.
    finds: [`RECORD_UNREADABLE ${from('outlet')}`, 'BACKUP_FAILED certkeeper'],
  },
  {
    where: 'the chat that was told what is broken is gone',
    // Who is told of what stands in the settings of the app.
    happened: () => Promise.resolve(),
    finds: [`NOTIFICATION_FAILED ${FABRIKAM_PLACE}`],
  },
  {
    where: 'Certkeeper may read a service only since its last sweep',
    async happened(h) {
      await h.keep(ANNEX, KV, 'archway');
      await forbid(h, ANNEX, ['service/*']);
    },
    since: { happened: (h) => h.allow(fabrikamServiceId(ANNEX)) },
    // Until the next one looks.
    finds: [`USAGE_UNKNOWN ${ANNEX}`],
  },
];

/** A certificate that asks for a target. */
const asks = (target: string) => ({ tags: { 'certkeeper-targets': target } });

/** No identity but these. */
const only = (...ids: readonly string[]) => ({
  identity: {
    type: 'UserAssigned',
    userAssignedIdentities: Object.fromEntries(ids.map((id) => [id, {}])),
  },
});

/** A managed application keeps Certkeeper from something at a service. */
const forbid = (h: FirstHands, service: FabrikamService, what: readonly string[]): Promise<void> =>
  h.deny(fabrikamServiceId(service), h.readers.certkeeper, {
    actions: what.map((one) => `Microsoft.ApiManagement/${one}`),
  });
