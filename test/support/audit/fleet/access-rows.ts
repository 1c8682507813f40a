/** What is found between services and vaults, as the access checks see it. */
import { CERTIFICATE_USER, TENANT, type AccessWorld } from '../../azure/access-world.ts';
import { makeAccess } from '../make-facts.ts';
import { attachAndUse, noteSource, targetOf, useBy, type FleetRow } from './row.ts';
import type { ProblemCode } from '../../../../shared/domain/errors.ts';
import type { Target } from '../../../../shared/domain/target.ts';
import type { Fleet } from './fleet.ts';

const OTHER_TENANT = '5eed0000-0000-4000-8000-0000000000ff';
const POLICIES = { vault: { enableRbacAuthorization: false, accessPolicies: [] }, role: undefined };
const CLOSED = { publicNetworkAccess: 'Disabled', networkAcls: { bypass: 'None' } };
const WALL = { networkAcls: { defaultAction: 'Deny', bypass: 'None' } };

export const ACCESS_ROWS: readonly FleetRow[] = [
  atService('IDENTITY_MISSING', 'the service has lost its identity', (w) => w.identify(false)),
  {
    where: 'it is open which identity reads the vault',
    build: () => Promise.resolve(),
    then: async (w, fleet) => {
      await bindOnly(w, fleet);
      await w.identify(false, [await w.userIdentity(), await w.userIdentity()]);
    },
    finds: ({ service }) => [`IDENTITY_AMBIGUOUS ${service}`],
  },
  {
    where: 'a reference names the system-assigned identity by its id',
    build: async (w) => {
      await storing(w, () => w.attach({ identityClientId: w.reader }));
      await useBy(w, [{ id: 'c' }]);
    },
    finds: ({ service }) => [`IDENTITY_NAMED_BY_ID ${service}`],
  },
  {
    where: 'a reference names an identity that was taken from the service',
    build: async (w) => {
      const one = await w.userIdentity();
      await w.identify(true, [one]);
      await w.assign(CERTIFICATE_USER, w.vaultId, { principalId: one.principalId });
      await w.attach({ identityClientId: one.clientId });
      await useBy(w, [{ id: 'c' }]);
      await w.identify(true);
      await w.assign(CERTIFICATE_USER);
    },
    finds: ({ service }) => [`IDENTITY_UNKNOWN ${service}`],
  },
  atService('PERMISSION_MISSING', 'a role was taken away', (w) => w.unassignAll()),
  atService('PERMISSION_CONDITIONAL', 'the only role has a condition', async (w) => {
    await w.unassignAll();
    await w.assign(CERTIFICATE_USER, w.vaultId, { condition: 'x' });
  }),
  atService('PERMISSION_DENIED', 'a deny assignment names the identity', (w) => w.deny()),
  atService('POLICIES_IGNORED', 'a policy has no effect on the vault', (w) =>
    w.allow(['get', 'list']),
  ),
  {
    where: 'the policy of the vault is of another tenant',
    begin: POLICIES,
    build: async (w) => {
      await w.allow(['get', 'list'], TENANT);
      await attachAndUse(w);
    },
    then: (w) => w.allow(['get', 'list'], OTHER_TENANT),
    finds: ({ service }) => [`POLICY_WRONG_TENANT ${service}`],
  },
  {
    where: 'a role has no effect on the vault',
    begin: POLICIES,
    build: async (w) => {
      await w.allow(['get', 'list'], TENANT);
      await attachAndUse(w);
    },
    then: async (w) => {
      await w.changeVault({ accessPolicies: [] });
      await w.assign(CERTIFICATE_USER);
    },
    finds: ({ service }) => [`PERMISSION_MISSING ${service}`, `ROLES_IGNORED ${service}`],
  },
  atService('VAULT_FIREWALL', 'the firewall keeps the service out', (w) => w.changeVault(WALL)),
  atService('VAULT_PUBLIC_ACCESS_OFF', 'the vault is closed', (w) => w.changeVault(CLOSED)),
  atService('SERVICE_FAILED', 'the last change of the service failed', async (w) => {
    await w.ask('PUT', `/_local/services/${w.service}`, { provisioningState: 'Failed' });
  }),
  atService('TIER_UNSUPPORTED', 'the tier is one that nobody knows', async (w) => {
    await w.ask('PUT', `/_local/services/${w.service}`, { sku: 'Tomorrow' });
  }),
  {
    where: 'the service is being deleted',
    build: (w) => attachAndUse(w),
    then: async (w) => {
      await w.settings({ 'apiManagement.operationSeconds': 900 });
      await w.ask('DELETE', `${w.serviceId}?api-version=2024-05-01`);
      await w.settings({ 'apiManagement.operationSeconds': 0 });
    },
    finds: ({ service }) => [`SERVICE_DELETING ${service}`],
  },
  {
    where: 'the private key stays in the vault',
    build: (w) => attachAndUse(w),
    then: (w) => w.importVersion(policy('application/x-pkcs12', false)),
    finds: ({ source }) => [`CERTIFICATE_NOT_EXPORTABLE ${source()}`],
  },
  {
    where: 'the current version is not valid yet',
    build: (w) => attachAndUse(w),
    then: (w) => w.importVersion({}, { from: 9 * 86_400, to: 99 * 86_400 }),
    // That may be in the way, and need not be.
    finds: ({ source, client }) => [
      `CERTIFICATE_NOT_YET_VALID ${source()}`,
      `STALE_AT_TARGET ${client()}`,
    ],
  },
  {
    where: 'the first version is still to be issued',
    begin: { certificate: 'none' },
    build: () => Promise.resolve(),
    then: async (w, fleet) => {
      await w.askVault(
        'POST',
        '/certificates/c/create',
        created('Unknown', 'application/x-pkcs12'),
      );
      await bindOnly(w, fleet);
    },
    // The vault does not list it.
    finds: ({ vault }) => [`CERTIFICATE_PENDING ${vault}`],
  },
  {
    where: 'a certificate is kept as PEM',
    begin: { certificate: 'none' },
    build: () => Promise.resolve(),
    then: async (w, fleet) => {
      await w.askVault('POST', '/certificates/c/create', created('Self', 'application/x-pem-file'));
      await bindOnly(w, fleet);
    },
    finds: ({ source }) => [`CERTIFICATE_WRONG_TYPE ${source()}`],
  },
  {
    where: 'a reference is to something else, or to no secret',
    build: async (w) => {
      await w.importVersion({}, undefined, 'd');
      await attachAndUse(w, ['c', 'd']);
    },
    // The checks leave it to the syncs whether a reference is right: as those note it.
    last: async (w, fleet) => {
      await noteAccess(w, fleet, 'REFERENCE_NOT_A_SECRET', targetOf(w));
      await noteAccess(w, fleet, 'REFERENCE_ELSEWHERE', targetOf(w, 'd'), 'd');
    },
    finds: ({ client }) => [
      `REFERENCE_NOT_A_SECRET ${client()}`,
      `REFERENCE_ELSEWHERE ${client('d')}`,
    ],
  },
  {
    where: 'a workspace is gone, and a record of Certkeeper cannot be read',
    build: (w) => attachAndUse(w),
    then: async (w, fleet) => {
      const target = { kind: 'workspace-certificate', service: w.service, id: 'c' } as const;
      const inWorkspace = { ...target, workspace: 'gone' };
      await bindOnly(w, fleet, inWorkspace);
      await noteAccess(w, fleet, 'WORKSPACE_NOT_FOUND', inWorkspace);
      await noteSource(w, fleet, {
        problems: [{ code: 'RECORD_UNREADABLE', message: 'A row cannot be read.' }],
      });
    },
    finds: ({ service, source }) => [
      `WORKSPACE_NOT_FOUND ${service}`,
      `RECORD_UNREADABLE ${source()}`,
    ],
  },
  {
    where: 'Certkeeper itself may not look at roles',
    build: (w) => attachAndUse(w),
    then: async (w) => {
      await w.ask('POST', '/_local/faults', {
        match: { path: `**/vaults/${w.vault}/providers/microsoft.authorization/**` },
        answer: { status: 403, code: 'AuthorizationFailed' },
      });
    },
    finds: ({ service }) => [`CERTKEEPER_PERMISSION_MISSING ${service}`],
  },
  {
    where: 'the firewall of a vault keeps Certkeeper itself out, for once',
    build: (w) => attachAndUse(w),
    then: async (w) => {
      const innererror = { code: 'ForbiddenByFirewall' };
      await w.ask('POST', '/_local/faults', {
        match: { host: `${w.vault}.vault.azure.net`, path: '/certificates/c/**' },
        answer: { status: 403, body: { error: { code: 'Forbidden', message: 'No.', innererror } } },
        times: 1,
      });
    },
    finds: ({ service }) => [`CERTKEEPER_FIREWALLED ${service}`],
  },
];

/** Its version has to be some time old when its policy is changed. */
export const POLICY_CHANGED: FleetRow = {
  where: 'a policy was changed after its version was made',
  begin: { certificate: 'none' },
  build: (w) => w.importVersion(policy('application/x-pkcs12', false)),
  then: async (w, fleet) => {
    await w.askVault('PATCH', '/certificates/c/policy', { key_props: { exportable: true } });
    await bindOnly(w, fleet);
  },
  // That it may be in the way does not say why the binding was never satisfied.
  finds: ({ source, service }) => [
    `CERTIFICATE_POLICY_CHANGED ${source()}`,
    `BINDING_UNSATISFIED ${service}`,
  ],
};

/** Something between service and vault that changes after everything was in order. */
function atService(
  code: ProblemCode,
  where: string,
  then: (world: AccessWorld) => Promise<void>,
): FleetRow {
  return {
    ...{ where, build: (w) => attachAndUse(w), then },
    finds: ({ service }) => [`${code} ${service}`],
  };
}

/** Binds a target that is not there, as a tag asks for it. */
async function bindOnly(
  w: AccessWorld,
  { ledger }: Fleet,
  target: Target = targetOf(w),
): Promise<void> {
  const source = { vault: w.vault, name: 'c' };
  await ledger.claim(source, target);
  await ledger.saveBinding({
    ...{ source, target, origin: 'tag', claimed: true, status: 'blocked', versionless: false },
  });
}

/** Writes down what stands in the way of a target, as a sync does that was blocked by it. */
async function noteAccess(
  w: AccessWorld,
  { ledger }: Fleet,
  code: ProblemCode,
  target: Target,
  name = 'c',
): Promise<void> {
  const problem = { code, message: `As a check says it: ${code}.` };
  await ledger.saveAccess({ vault: w.vault, name }, [makeAccess(problem, { target })]);
}

async function storing(w: AccessWorld, run: () => Promise<void>): Promise<void> {
  await w.settings({ 'assumptions.unreadableKeyVaultPut': 'store' });
  await run();
  await w.settings({ 'assumptions.unreadableKeyVaultPut': 'refuse' });
}

function policy(contentType: string, exportable = true) {
  return {
    policy: { key_props: { exportable, kty: 'EC' }, secret_props: { contentType } },
  };
}

function created(issuer: string, contentType: string) {
  return {
    policy: {
      ...policy(contentType).policy,
      key_props: { exportable: true, kty: 'EC', crv: 'P-256' },
      x509_props: { subject: 'CN=c' },
      issuer: { name: issuer },
    },
  };
}
