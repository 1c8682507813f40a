/** Findings about the service, its identity and its reference. */
import { CERTIFICATE_USER } from '../../../support/azure/access-world.ts';
import { until } from '../../../support/azure/until.ts';
import { nothing, serviceOf, userOnly, type Row } from './row.ts';

const STORE = { 'assumptions.unreadableKeyVaultPut': 'store' };
const SLOW = { 'apiManagement.operationSeconds': 900 };
const WALL = { networkAcls: { defaultAction: 'Deny', bypass: 'None' } };

export const SERVICE_ROWS: readonly Row[] = [
  {
    code: 'SERVICE_DELETING',
    when: 'it is being deleted',
    severity: 'blocks',
    fires: async (w) => {
      await w.settings(SLOW);
      await w.ask('DELETE', serviceOf(w));
    },
    but: 'it is ready',
    not: nothing,
  },
  {
    code: 'SERVICE_UPDATING',
    when: 'it is being changed, and takes no certificates meanwhile',
    severity: 'may-block',
    fires: async (w) => {
      await w.settings({ ...SLOW, 'assumptions.changeDuringUpdate': 'refuse' });
      await w.ask('PATCH', serviceOf(w), { tags: { a: 'b' } });
    },
    reads: false,
    but: 'the change is over',
    not: async (w) => {
      await w.settings(SLOW);
      await w.ask('PATCH', serviceOf(w), { tags: { a: 'b' } });
      await w.advance(900);
    },
  },
  {
    code: 'SERVICE_FAILED',
    when: 'its last change failed',
    severity: 'may-block',
    fires: async (w) => {
      await w.ask('PUT', `/_local/services/${w.service}`, { provisioningState: 'Failed' });
    },
    but: 'the change after that did not',
    not: async (w) => {
      await w.ask('PUT', `/_local/services/${w.service}`, { provisioningState: 'Failed' });
      await w.ask('PATCH', serviceOf(w), { tags: { a: 'b' } });
    },
  },
  {
    code: 'TIER_UNSUPPORTED',
    when: 'its tier is one that nobody knows yet',
    severity: 'may-block',
    fires: async (w) => {
      await w.ask('PUT', `/_local/services/${w.service}`, { sku: 'Tomorrow' });
    },
    but: 'its tier is the smallest that has the feature',
    not: async (w) => {
      await w.ask('PUT', `/_local/services/${w.service}`, { sku: 'Consumption' });
    },
  },
  {
    code: 'SERVICE_NOT_FOUND',
    when: 'it is gone',
    severity: 'blocks',
    fires: async (w) => {
      await w.ask('DELETE', serviceOf(w));
    },
    but: 'it is there',
    not: nothing,
  },
  {
    code: 'IDENTITY_MISSING',
    when: 'it has none',
    severity: 'blocks',
    fires: (w) => w.identify(false),
    but: 'it has the system-assigned one',
    not: nothing,
  },
  {
    code: 'IDENTITY_MISSING',
    when: 'the reference means the system-assigned one, which it has no longer',
    severity: 'blocks',
    fires: async (w) => {
      await w.attach();
      await userOnly(w);
      await w.assign(CERTIFICATE_USER);
    },
    but: 'the reference names the user-assigned one that it has',
    not: async (w) => {
      const { clientId } = await userOnly(w);
      await w.assign(CERTIFICATE_USER);
      await w.attach({ identityClientId: clientId });
    },
  },
  {
    code: 'IDENTITY_AMBIGUOUS',
    when: 'it has two user-assigned ones and nothing says which',
    severity: 'blocks',
    fires: async (w) => {
      await w.identify(false, [await w.userIdentity(), await w.userIdentity()]);
    },
    but: 'it has one of them only',
    not: async (w) => {
      await userOnly(w);
      await w.assign(CERTIFICATE_USER);
    },
  },
  {
    code: 'IDENTITY_NAMED_BY_ID',
    when: 'the reference names the system-assigned one by its id',
    severity: 'blocks',
    fires: async (w) => {
      await w.settings(STORE);
      await w.attach({ identityClientId: w.reader });
    },
    cured: true,
    but: 'the reference names nobody, and means it',
    not: (w) => w.attach(),
    others: ['notice LAST_READ_FAILED'],
  },
  {
    code: 'IDENTITY_UNKNOWN',
    when: 'the reference names one that was taken from the service',
    severity: 'blocks',
    fires: async (w) => {
      const one = await w.userIdentity();
      await w.identify(true, [one]);
      await w.assign(CERTIFICATE_USER, w.vaultId, { principalId: one.principalId });
      await w.attach({ identityClientId: one.clientId });
      await w.identify(true);
      await w.assign(CERTIFICATE_USER);
    },
    cured: true,
    but: 'the service still has it, among others',
    not: async (w) => {
      const one = await w.userIdentity();
      await w.identify(true, [await w.userIdentity(), one]);
      await w.assign(CERTIFICATE_USER, w.vaultId, { principalId: one.principalId });
      await w.attach({ identityClientId: one.clientId });
    },
  },
  {
    code: 'IDENTITY_UNKNOWN',
    when: 'the reference names one by its object id',
    severity: 'blocks',
    fires: async (w) => {
      const one = await userOnly(w);
      await w.assign(CERTIFICATE_USER);
      await w.settings(STORE);
      await w.attach({ identityClientId: one.principalId });
    },
    cured: true,
    but: 'the reference names it by its client id',
    not: async (w) => {
      const one = await userOnly(w);
      await w.assign(CERTIFICATE_USER);
      await w.attach({ identityClientId: one.clientId });
    },
    others: ['notice LAST_READ_FAILED'],
  },
  {
    code: 'REFERENCE_PINNED',
    when: 'it names a version, and a newer one comes',
    severity: 'blocks',
    fires: async (w) => {
      const version = await w.currentVersion();
      await w.attach({
        secretIdentifier: `https://${w.vault}.vault.azure.net/secrets/c/${version}`,
      });
      await w.importVersion();
    },
    cured: true,
    but: 'it names none',
    not: async (w) => {
      await w.attach();
      await w.importVersion();
    },
  },
  {
    code: 'REFERENCE_NOT_A_SECRET',
    when: 'it names the certificate under /certificates/',
    severity: 'blocks',
    fires: async (w) => {
      await w.settings(STORE);
      await w.attach({ secretIdentifier: `https://${w.vault}.vault.azure.net/certificates/c` });
    },
    cured: true,
    but: 'it names it under /secrets/',
    not: (w) => w.attach(),
    others: ['notice LAST_READ_FAILED'],
  },
  {
    code: 'REFERENCE_ELSEWHERE',
    when: 'it names another certificate',
    severity: 'blocks',
    fires: async (w) => {
      await w.importVersion({}, undefined, 'other');
      await w.attach({ secretIdentifier: `https://${w.vault}.vault.azure.net/secrets/other` });
    },
    but: 'it names this one in other letters',
    not: (w) => w.attach({ secretIdentifier: `https://${w.vault}.vault.azure.net/secrets/C` }),
  },
  {
    code: 'LAST_READ_FAILED',
    when: 'the service could not read the vault when it last tried',
    severity: 'notice',
    fires: async (w) => {
      await w.attach();
      await w.changeVault(WALL);
      await w.ask('POST', '/_local/clock', { advance: 4 * 3_600 + 60 });
      await until(async () => (await w.findings()).includes('notice LAST_READ_FAILED'));
      await w.changeVault({ networkAcls: { defaultAction: 'Allow' } });
    },
    cured: true,
    but: 'it could',
    not: (w) => w.attach(),
  },
];
