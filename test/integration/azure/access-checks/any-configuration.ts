/** Any vault, identity, roles and network; and how a world is brought into it. */
import fc from 'fast-check';
import { CERTIFICATE_USER, TENANT, type AccessWorld } from '../../../support/azure/access-world.ts';
import { GROUP, SUBSCRIPTION } from '../../../support/azure/azure-clients.ts';

const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
const READER = '21090545-7ca7-4776-b22c-e363652d74d2';
const OFFICER = 'a4417e6f-fecd-4de8-b567-7b0420556985';
const OTHER_TENANT = '5eed0000-0000-4000-8000-0000000000ff';
const EVERYONE = '00000000-0000-0000-0000-000000000000';
const PKCS12 = 'application/x-pkcs12';
const KEY_VAULT = 'Microsoft.KeyVault/vaults';
const PATTERNS = [
  `${KEY_VAULT}/secrets/getSecret/action`,
  `${KEY_VAULT}/secrets/getSecret/action`.toUpperCase(),
  `${KEY_VAULT}/secrets/readMetadata/action`,
  `${KEY_VAULT}/secrets/*`,
  `${KEY_VAULT}/certificates/*`,
  `${KEY_VAULT}/*`,
  '*/getSecret/action',
  '*',
];
const pattern = fc.constantFrom(...PATTERNS);
const patterns = (most: number) => fc.array(pattern, { maxLength: most });
/** Most of what is drawn is the ordinary, so that findings come alone as well as in company. */
const mostly = <const T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 2 * others.length + 1, arbitrary: fc.constant(usual) },
    ...others.map((other) => ({ weight: 1, arbitrary: fc.constant(other) })),
  );

const roles = fc.record({
  role: fc.oneof(
    fc.constantFrom(CERTIFICATE_USER, SECRETS_USER, READER, OFFICER),
    fc.record({ dataActions: patterns(3), notDataActions: patterns(1) }),
  ),
  scope: mostly('vault', 'secret', 'other-secret', 'group', 'subscription', 'above', 'elsewhere'),
  holder: mostly('self', 'group'),
  condition: mostly(false, true),
  fresh: mostly(false, true),
});
const denials = fc.record({
  who: fc.constantFrom('self', 'everyone', 'group', 'other'),
  excluded: mostly(false, true),
  scope: fc.constantFrom('vault', 'group', 'subscription', 'above'),
  onlyThisScope: mostly(false, true),
  condition: mostly(false, true),
  dataActions: patterns(2),
  notDataActions: patterns(1),
});

export const configurations = fc.record({
  identity: mostly('system', 'user', 'both', 'none'),
  installed: fc.boolean(),
  rbac: mostly(true, false),
  roles: fc.array(roles, { minLength: 1, maxLength: 3 }),
  denials: mostly(0, 1).chain((n) => fc.array(denials, { minLength: n, maxLength: n })),
  secrets: fc.subarray(['get', 'list', 'set']),
  tenant: mostly(TENANT, OTHER_TENANT),
  network: mostly('open', 'firewall', 'closed', 'perimeter'),
  bypass: fc.boolean(),
  rule: mostly('none', 'reaching', 'other'),
  endpoint: mostly('none', 'reaching', 'other', 'pending'),
  certificate: mostly(
    'there',
    'disabled',
    'deleted',
    'never',
    'locked',
    'pem',
    'future',
    'locked-by-policy-since',
    'unlocked-by-policy-since',
  ),
  service: mostly('ready', 'updating', 'deleting'),
  /** How what nobody can see turns out. */
  unseen: fc.record({
    conditions: fc.constantFrom('met', 'unmet'),
    denyConditions: fc.constantFrom('met', 'unmet'),
    propagated: fc.boolean(),
    inDeniedGroup: fc.boolean(),
    duringUpdate: fc.constantFrom('accept', 'refuse'),
  }),
});
export type Configuration = typeof configurations extends fc.Arbitrary<infer Value> ? Value : never;

const DENIED_GROUP = '99999999-0000-4000-8000-000000000001';
const SUBSCRIPTION_ID = `/subscriptions/${SUBSCRIPTION}`;
export const ABOVE = 'platform';

function scopeOf({ vaultId }: AccessWorld, scope: string): string {
  switch (scope) {
    case 'secret':
      return `${vaultId}/secrets/c`;
    case 'other-secret':
      return `${vaultId}/secrets/other`;
    case 'group':
      return GROUP;
    case 'subscription':
      return SUBSCRIPTION_ID;
    case 'above':
      return `/providers/Microsoft.Management/managementGroups/${ABOVE}`;
    case 'elsewhere':
      return `${vaultId}0`;
    default:
      return vaultId;
  }
}

/** Brings a world in which everything is fine into the configuration. */
export async function arrange(world: AccessWorld, c: Configuration): Promise<void> {
  await identify(world, c);
  await world.unassignAll();
  await arrangeCertificate(world, c.certificate);
  await arrangeNetwork(world, c);
  await arrangeRoles(world, c);
  await arrangeDenials(world, c);
  await world.changeVault({
    enableRbacAuthorization: c.rbac,
    accessPolicies: [
      { tenantId: c.tenant, objectId: world.reader, permissions: { secrets: c.secrets } },
    ],
  });
  await settle(world, c.unseen);
  if (c.service !== 'ready') {
    await world.settings({ 'apiManagement.operationSeconds': 900 });
    const method = c.service === 'deleting' ? 'DELETE' : 'PATCH';
    await world.ask(method, `${world.serviceId}?api-version=2024-05-01`, {});
  }
}

/** Lets everything that nobody can see turn out well for the service. */
export async function favour(world: AccessWorld, c: Configuration): Promise<void> {
  await settle(world, {
    conditions: 'met',
    denyConditions: 'unmet',
    propagated: true,
    inDeniedGroup: false,
    duringUpdate: 'accept',
  });
  await world.settings({
    'assumptions.certificateOutsideValidity': c.certificate === 'future' ? 'accept' : 'refuse',
  });
  if (c.rule === 'other') await arrangeNetwork(world, { ...c, rule: 'reaching' });
  if (c.endpoint === 'other' || c.network === 'perimeter') {
    await arrangeNetwork(world, { ...c, endpoint: 'reaching' });
  }
}

async function settle(world: AccessWorld, unseen: Configuration['unseen']): Promise<void> {
  await world.settings({
    'authorization.conditions': unseen.conditions,
    'authorization.denyConditions': unseen.denyConditions,
    // What was given a minute ago counts or not; what was given an hour ago does.
    'authorization.propagationSeconds': unseen.propagated ? 0 : 1_200,
    'assumptions.changeDuringUpdate': unseen.duringUpdate,
  });
  await world.ask('PUT', `/_local/groups/${DENIED_GROUP}`, {
    members: unseen.inDeniedGroup && world.reader !== '' ? [world.reader] : [],
  });
}

async function identify(world: AccessWorld, { identity, installed }: Configuration): Promise<void> {
  const users = ['user', 'both'].includes(identity) ? [await world.userIdentity()] : [];
  const [user] = users;
  if (user !== undefined) {
    await world.identify(identity === 'both', users);
    if (identity === 'user') await world.assign(CERTIFICATE_USER);
  }
  if (installed) {
    if (identity === 'both') await world.assign(CERTIFICATE_USER);
    await world.attach(identity === 'user' ? { identityClientId: user?.clientId } : {});
  }
  if (identity === 'none') await world.identify(false);
}

async function arrangeCertificate(
  world: AccessWorld,
  kind: Configuration['certificate'],
): Promise<void> {
  const policy = (contentType: string, exportable: boolean) => ({
    policy: { key_props: { exportable, kty: 'EC' }, secret_props: { contentType } },
  });
  const since = async (exportable: boolean) => {
    await world.importVersion(policy(PKCS12, !exportable));
    await world.advance(3_600);
    await world.askVault('PATCH', '/certificates/c/policy', { key_props: { exportable } });
  };
  switch (kind) {
    case 'there':
      return;
    case 'disabled':
      return world.importVersion({ attributes: { enabled: false } });
    case 'never':
      await world.askVault('DELETE', '/certificates/c');
      return world.askVault('DELETE', '/deletedcertificates/c');
    case 'deleted':
      return world.askVault('DELETE', '/certificates/c');
    case 'locked':
      return world.importVersion(policy(PKCS12, false));
    case 'pem':
      await world.askVault('POST', '/certificates/c/create', {
        policy: {
          key_props: { exportable: true, kty: 'EC', crv: 'P-256' },
          secret_props: { contentType: 'application/x-pem-file' },
          x509_props: { subject: 'CN=c' },
          issuer: { name: 'Self' },
        },
      });
      return;
    case 'future':
      // Far off: every run may have moved the clock.
      return world.importVersion({}, { from: 5_000 * 86_400, to: 6_000 * 86_400 });
    case 'locked-by-policy-since':
      return since(false);
    case 'unlocked-by-policy-since':
      return since(true);
  }
}

async function arrangeNetwork(world: AccessWorld, c: Configuration): Promise<void> {
  const address = { none: [], reaching: ['0.0.0.0/0'], other: ['198.51.100.7'] }[c.rule];
  const access = { closed: 'Disabled', perimeter: 'SecuredByPerimeter' };
  await world.changeVault({
    publicNetworkAccess:
      c.network === 'closed' || c.network === 'perimeter' ? access[c.network] : 'Enabled',
    networkAcls: {
      bypass: c.bypass ? 'AzureServices' : 'None',
      defaultAction: c.network === 'open' ? 'Allow' : 'Deny',
      ipRules: address.map((value) => ({ value })),
    },
  });
  if (c.endpoint === 'none') return;
  await world.ask('PUT', `/_local/vaults/${world.vault}/private-endpoints/pe`, {
    status: c.endpoint === 'pending' ? 'Pending' : 'Approved',
    from: c.endpoint === 'other' ? [] : [world.service],
  });
}

async function arrangeRoles(world: AccessWorld, c: Configuration): Promise<void> {
  if (world.reader === '') return;
  const group = crypto.randomUUID();
  await world.ask('PUT', `/_local/groups/${group}`, { members: [world.reader] });
  // A role is given once only to the same holder at the same scope.
  const given = new Set<string>();
  const inOrder = [...c.roles].sort((a, b) => Number(a.fresh) - Number(b.fresh));
  let aged = false;
  for (const { role, scope, holder, condition, fresh } of inOrder) {
    if (fresh && !aged) {
      await world.advance(3_600);
      aged = true;
    }
    const id = typeof role === 'string' ? role : await world.makeRole(role);
    const key = `${id} ${scope} ${holder}`;
    if (given.has(key)) continue;
    given.add(key);
    const principal = holder === 'group' ? { principalId: group, principalType: 'Group' } : {};
    await world.assign(id, scopeOf(world, scope), {
      ...principal,
      ...(condition ? { condition: 'x' } : {}),
    });
  }
  if (!aged) await world.advance(3_600);
  await world.advance(60);
  world.checkAfter(0);
}

async function arrangeDenials(world: AccessWorld, c: Configuration): Promise<void> {
  if (world.reader === '') return;
  for (const denial of c.denials) {
    const { who, excluded, scope, onlyThisScope, condition, ...permission } = denial;
    const ids = {
      self: world.reader,
      everyone: EVERYONE,
      group: DENIED_GROUP,
      other: '99999999-0000-4000-8000-000000000003',
    };
    await world.deny({
      scope: scopeOf(world, scope),
      doNotApplyToChildScopes: onlyThisScope,
      permissions: [permission],
      principals: [{ id: ids[who], type: who === 'group' ? 'Group' : 'ServicePrincipal' }],
      ...(excluded ? { excludePrincipals: [{ id: world.reader }] } : {}),
      ...(condition ? { condition: 'x' } : {}),
    });
  }
}
