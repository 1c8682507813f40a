import type { Answer } from '../../support/fake-command.ts';
import { deployCare, deployMain, SERVICES, VAULTS } from '../../support/infra.ts';
import { APP, ENVIRONMENT, PRINCIPAL, runHook, type HookRun } from '../../support/run-hook.ts';

const [VAULT = '', PAYMENTS = ''] = VAULTS;

test('before it goes, only what is its own in other resource groups is removed', () => {
  const topic = (name: string, tags: object) => ({
    id: `${VAULT.split('/providers')[0] ?? ''}/providers/Microsoft.EventGrid/systemTopics/${name}`,
    ...{ name, tags, properties: { source: VAULT } },
  });
  const subscribed = (name: string, app: string) => ({
    name,
    properties: { destination: { properties: { resourceId: `${app}/functions/KeyVaultEvents` } } },
  });
  const SUBSCRIPTION = `/subscriptions/${ENVIRONMENT.AZURE_SUBSCRIPTION_ID}`;
  const role = (scope: string, name: string) => ({
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    properties: { scope },
  });
  const { status, calls } = runHook(
    'predown',
    [
      { to: 'account show' },
      { to: '--method delete' },
      { to: '--method put', says: {} },
      {
        to: 'eventSubscriptions?',
        says: { value: [subscribed('ours', APP.toUpperCase()), subscribed('theirs', '/else')] },
      },
      {
        to: '/providers/Microsoft.EventGrid/systemTopics?',
        says: { value: [topic('shared', { certkeeper: 'prod' })] },
      },
      { to: 'roleDefinitions?', says: { value: [] } },
      {
        to: `${VAULT}/providers/Microsoft.Authorization/roleAssignments?`,
        says: { value: [role(VAULT, 'one'), role('/subscriptions/s', 'above')] },
      },
      {
        to: `com${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments?`,
        says: { value: [role(SUBSCRIPTION, 'two'), role(VAULT, 'below')] },
      },
      { to: 'roleAssignments?', says: { value: [] } },
      {
        to: `${VAULT}?`,
        says: { properties: { tenantId: 't', accessPolicies: [{ objectId: PRINCIPAL }] } },
      },
      { to: '--method get', says: {} },
    ],
    { CERTKEEPER_VAULTS: VAULT },
  );
  expect(status).toBe(0);
  const removed = calls
    .filter(({ args }) => args.includes('--method delete'))
    .map(({ args }) => /\/([^/]+\/[^/]+)\?/.exec(args)?.[1]);
  // The topic stays, since somebody else gets events by it.
  expect(removed).toEqual([
    'eventSubscriptions/ours',
    'metricAlerts/certkeeper-dead-letters-contoso-kv-ours',
    'roleAssignments/one',
    'roleAssignments/two',
  ]);
  expect(calls.find(({ args }) => args.includes('--method put'))?.body).toMatchObject({
    properties: { accessPolicies: [{ objectId: PRINCIPAL }] },
  });
});

test('before it goes, all that its template made in other resource groups is found', () => {
  const { resources } = deployCare();
  const outputs = deployMain().outputs as Readonly<Record<string, string>>;
  const home = `/subscriptions/${ENVIRONMENT.AZURE_SUBSCRIPTION_ID}/resourceGroups/rg-prod`;
  const made = (type: string, group: string) =>
    resources.filter((one) => one.type === type && one.id.startsWith(`${group}/`));
  const atVault = (type: string) => made(type, VAULT.split('/providers')[0] ?? '');
  const [topic] = atVault('Microsoft.EventGrid/systemTopics');
  const [subscription] = atVault('Microsoft.EventGrid/systemTopics/eventSubscriptions');
  const [alert] = atVault('Microsoft.Insights/metricAlerts');
  const definitions = made('Microsoft.Authorization/roleDefinitions', home);
  expect(definitions.length).toBeGreaterThan(0);
  const defined = ({ id, body }: (typeof resources)[number]) => ({
    ...{ id, properties: body['properties'] },
  });
  const theirs = (roleName: string, scope: string) => ({
    id: `${home}/providers/Microsoft.Authorization/roleDefinitions/theirs`,
    properties: { roleName, assignableScopes: [scope] },
  });
  const { status, calls } = runHook(
    'predown',
    [
      { to: 'account show' },
      { to: '--method delete' },
      {
        to: 'eventSubscriptions?',
        says: {
          value: [{ name: subscription?.name, properties: subscription?.body['properties'] }],
        },
      },
      { to: 'systemTopics?', says: { value: [{ ...topic?.body, id: topic?.id }] } },
      { to: `${alert?.id ?? ''}?`, says: {} },
      { to: 'metricAlerts/', fails: 'ERROR: Not Found({"error":{"code":"ResourceNotFound"}})' },
      {
        to: 'roleDefinitions?',
        says: {
          value: [
            theirs('Certkeeper test-abcde report service', home),
            theirs('Certkeeper prod-abcde report service', home.replace('rg-prod', 'rg-else')),
            ...definitions.map(defined),
          ],
        },
      },
      { to: 'roleAssignments?', says: { value: [] } },
      { to: '--method get', says: {} },
    ],
    {
      ...{ CERTKEEPER_VAULTS: VAULT, CERTKEEPER_SERVICES: '' },
      CERTKEEPER_APP_ID: outputs['CERTKEEPER_APP_ID'] ?? '',
    },
  );
  expect(status).toBe(0);
  const removed = calls.flatMap(
    ({ args }) =>
      /--method delete --url https:\/\/management\.azure\.com([^?]+)/.exec(args)?.[1] ?? [],
  );
  expect(removed).toEqual(
    [subscription, alert, topic, ...definitions].map((one) => one?.id ?? 'not made'),
  );
});

describe('before it goes, at what it took care of', () => {
  const [SERVICE = ''] = SERVICES;
  const MARK = `${SERVICE}/tags/certkeeper-installation?api-version=2024-05-01`;
  const OLD = VAULT.replace('contoso-kv', 'old-kv');
  const marked = (displayName: string) => ({ to: MARK, says: { properties: { displayName } } });
  const NOTHING: readonly Answer[] = [
    { to: 'account show' },
    { to: 'systemTopics?', says: { value: [] } },
    { to: 'roleAssignments?', says: { value: [] } },
    { to: 'roleDefinitions?', says: { value: [] } },
    { to: '--method get', says: {} },
    { to: '--method delete' },
    { to: '--method put', says: {} },
  ];
  const policy = {
    to: `${OLD}?`,
    says: { properties: { tenantId: 't', accessPolicies: [{ objectId: PRINCIPAL }] } },
  };
  const changes = (calls: HookRun['calls']) =>
    calls.map(({ args }) => args).filter((args) => /--method (?!get)/.test(args));
  const ITSELF = { CERTKEEPER_INSTALLATION: 'prod-abc' };

  test('its mark is taken from the service', () => {
    const { status, calls } = runHook(
      'predown',
      [{ to: 'delete --url' }, marked('Certkeeper prod-abc'), ...NOTHING],
      ITSELF,
    );
    expect(status).toBe(0);
    expect(changes(calls)).toEqual([expect.stringMatching(/certkeeper-installation.*If-Match=\*/)]);
  });

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['of another installation', 'Certkeeper prod-xyz', ITSELF],
    ['whose name only begins like its own', 'Certkeeper prod-abcd', ITSELF],
    ['in other letters', 'certkeeper PROD-ABC', ITSELF],
    ['that cannot be told to be its own', 'Certkeeper ', {}],
  ])('a mark %s stays', (_, displayName, environment) => {
    const { status, calls } = runHook('predown', [marked(displayName), ...NOTHING], environment);
    expect([status, changes(calls)]).toEqual([0, []]);
  });

  test('a vault that was taken out of the settings is gone through, too', () => {
    const { status, calls } = runHook('predown', [policy, ...NOTHING], {
      CERTKEEPER_KNOWN_VAULTS: OLD,
    });
    expect(status).toBe(0);
    expect(changes(calls)).toEqual([expect.stringContaining(`${OLD}/accessPolicies/remove`)]);
  });

  test('what cannot be looked at or removed is named with its command, and the rest goes', () => {
    const { status, stdout, calls } = runHook(
      'predown',
      [
        { to: '--method put', fails: 'ERROR: Conflict: the vault is locked' },
        { to: `${PAYMENTS}?`, fails: 'ERROR: AuthorizationFailed' },
        { to: 'delete --url', says: {} },
        marked('Certkeeper prod-abc'),
        policy,
        ...NOTHING,
      ],
      { ...ITSELF, CERTKEEPER_KNOWN_VAULTS: OLD },
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/az rest --method put .*\/old-kv\/accessPolicies\/remove\?/);
    expect(stdout).toContain(`${PAYMENTS} could not be looked at`);
    expect(changes(calls)).toContainEqual(expect.stringContaining('certkeeper-installation'));
  });

  test('nothing goes, the resource group neither, while the Azure CLI is not signed in', () => {
    const out = { to: 'account show', fails: 'ERROR: Please run az login' };
    const { status, stderr, calls } = runHook('predown', [out, ...NOTHING]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('az login')]);
    expect(calls).toHaveLength(1);
  });
});
