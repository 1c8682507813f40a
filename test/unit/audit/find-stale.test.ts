import type { AuditFacts } from '../../../shared/domain/audit/audit-facts.ts';
import type { InstalledPart } from '../../../shared/domain/audit/inventory.ts';
import {
  inDays,
  makeAccess,
  makeBound,
  makeClient,
  makeEntry,
  makeHostname,
  makeService,
  makeUsage,
  makeVault,
  makeVaulted,
  report,
  told,
  UNUSED,
  UPLOADED,
} from '../../support/audit/make-facts.ts';
import {
  NEW_VERSION,
  OLD_THUMBPRINT,
  OLD_VERSION,
  PROBLEM,
  SOURCE,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';

type Row = readonly [sentence: string, facts: Partial<AuditFacts>, findings: readonly string[]];

const PLACE = 'contoso-gw/certificates/gateway-client';

function withClient(other: Partial<InstalledPart>): Partial<AuditFacts> {
  return { services: [makeService({ clients: [makeClient(other)] })] };
}

const STALE = withClient({ thumbprint: OLD_THUMBPRINT });

function pinnedTo(version: string) {
  return {
    reference: { kind: 'key-vault', secret: { source: SOURCE, collection: 'secrets', version } },
  } as const;
}

function versionMade(minutesAgo: number): Partial<AuditFacts> {
  const createdAt = inDays(-minutesAgo / 1_440);
  return { vaults: [makeVault({ certificates: [makeVaulted({ createdAt })] })] };
}

function inWorkspace(thumbprint: string): Partial<AuditFacts> {
  const certificates = [makeClient({ reference: UPLOADED, thumbprint })];
  return {
    services: [makeService({ clients: [], workspaces: [{ name: 'team-a', certificates }] })],
    ledger: [makeEntry({ bindings: [makeBound({ target: WORKSPACE_TARGET })] })],
  };
}

const MISSING_ROLE = {
  code: 'PERMISSION_MISSING',
  message: 'It may not read it.',
  resource: '/subscriptions/s/vaults/contoso-kv',
  cure: 'az role assignment create',
} as const;
const KEPT_OUT = { ledger: [makeEntry({ access: [makeAccess(MISSING_ROLE)] })] };

const ROWS: readonly Row[] = [
  ['a place with another thumbprint than its source is stale', STALE, [`STALE_AT_TARGET ${PLACE}`]],
  [
    'a version that is younger than a quarter of an hour may be on its way',
    { ...STALE, ...versionMade(14) },
    [],
  ],
  ['one that is older is not', { ...STALE, ...versionMade(16) }, [`STALE_AT_TARGET ${PLACE}`]],
  [
    'where nobody but API Management rotates it, it has its four hours',
    { ...STALE, ...versionMade(239), ledger: [] },
    [],
  ],
  ['and not more', { ...STALE, ...versionMade(241), ledger: [] }, [`STALE_AT_TARGET ${PLACE}`]],
  [
    'a custom domain has them too, whoever rotates the rest',
    {
      ...versionMade(239),
      services: [makeService({ hostnames: [makeHostname({ thumbprint: OLD_THUMBPRINT })] })],
    },
    [],
  ],
  [
    'a custom domain that is stale after that is told as one',
    { services: [makeService({ hostnames: [makeHostname({ thumbprint: OLD_THUMBPRINT })] })] },
    ['HOSTNAME_STALE contoso-gw/hostnames/api.contoso.com'],
  ],
  [
    'a custom domain that is being changed is not judged',
    {
      services: [
        makeService({
          hostnames: [makeHostname({ thumbprint: OLD_THUMBPRINT, status: 'InProgress' })],
        }),
      ],
    },
    [],
  ],
  [
    'one whose change failed is told as that',
    {
      services: [
        makeService({
          hostnames: [makeHostname({ thumbprint: OLD_THUMBPRINT, status: 'Failed' })],
        }),
      ],
    },
    ['REFRESH_FAILED contoso-gw/hostnames/api.contoso.com'],
  ],
  ['what was pushed into a workspace is current', inWorkspace('A'.repeat(40)), []],
  [
    'what was pushed there before is stale',
    inWorkspace(OLD_THUMBPRINT),
    ['STALE_AT_TARGET contoso-gw/workspaces/team-a/certificates/gateway-client'],
  ],
  [
    'a CA certificate that a newer one replaces stays for its overlap',
    {
      ledger: [
        makeEntry({
          bindings: [
            makeBound({
              target: { kind: 'ca-certificate', service: 'contoso-gw', store: 'Root' },
              targetThumbprint: 'C'.repeat(40),
            }),
          ],
        }),
      ],
    },
    [],
  ],
  [
    'a gateway says nothing beyond the certificate that it uses',
    {
      services: [
        makeService({
          clients: [makeClient({ thumbprint: OLD_THUMBPRINT })],
          gateways: [
            {
              name: 'shop',
              resourceId: '/shop',
              hostnames: [{ id: 'h', hostName: 'shop', certificateId: 'gateway-client' }],
              authorities: [{ certificateId: 'gateway-client', trusted: true }],
            },
          ],
        }),
      ],
    },
    [`STALE_AT_TARGET ${PLACE}`],
  ],
  [
    'a reference with a version is told as pinned, whatever it holds',
    withClient(pinnedTo(NEW_VERSION)),
    [`VERSION_PINNED_AT_TARGET ${PLACE}`],
  ],
  [
    'it is not told as stale besides',
    withClient({ ...pinnedTo(OLD_VERSION), thumbprint: OLD_THUMBPRINT }),
    [`VERSION_PINNED_AT_TARGET ${PLACE}`],
  ],
  [
    'a reference to the certificate and not to its secret is told as that, whatever else is said of it',
    withClient({
      reference: {
        kind: 'key-vault',
        secret: { source: SOURCE, collection: 'certificates', version: OLD_VERSION },
      },
      lastFailure: { code: 'Denied', message: 'No.' },
    }),
    [`REFERENCE_NOT_A_SECRET ${PLACE}`],
  ],
  [
    'that it is pinned is seen where its vault is not',
    {
      ...withClient(pinnedTo(OLD_VERSION)),
      vaults: [makeVault({ unreadable: { code: 'AZURE_UNAVAILABLE', message: 'Down.' } })],
    },
    ['VAULT_UNREADABLE contoso-kv', `VERSION_PINNED_AT_TARGET ${PLACE}`],
  ],
  [
    'a failed read of the vault is told, not what came of it',
    withClient({ thumbprint: OLD_THUMBPRINT, lastFailure: { code: 'Denied', message: 'No.' } }),
    [`REFRESH_FAILED ${PLACE}`],
  ],
  [
    'what a check of access explains is told by that, once',
    {
      ...withClient({
        thumbprint: OLD_THUMBPRINT,
        lastFailure: { code: 'Denied', message: 'No.' },
      }),
      ...KEPT_OUT,
    },
    ['PERMISSION_MISSING contoso-gw'],
  ],
  ['so is a place that is stale', { ...STALE, ...KEPT_OUT }, ['PERMISSION_MISSING contoso-gw']],
  ['and one that is not stale yet', KEPT_OUT, ['PERMISSION_MISSING contoso-gw']],
  [
    'a check of access that is out of date explains nothing',
    {
      ...STALE,
      ledger: [
        makeEntry({
          access: [makeAccess({ code: 'SOURCE_NOT_FOUND', message: 'There is none.' })],
        }),
      ],
    },
    [`STALE_AT_TARGET ${PLACE}`],
  ],
  [
    'a version that has expired is read by nobody, and told where it is',
    {
      ...STALE,
      vaults: [makeVault({ certificates: [makeVaulted({ expiresAt: inDays(-1) })] })],
    },
    ['EXPIRED contoso-kv/gateway-client'],
  ],
  [
    'what holds nothing, and says no reason, is not judged',
    {
      services: [makeService({ clients: [makeClient()].map(({ thumbprint: _, ...one }) => one) })],
    },
    [],
  ],
];

describe('Of what does not follow its source an audit says:', () => {
  test.each(ROWS)('%s', (_, facts, findings) => {
    expect(told(report(facts))).toEqual(findings);
  });

  test.each([
    ['usually', 300, 'high'],
    ['when what it holds expires within days', 6, 'critical'],
    ['when it has expired', -3, 'critical'],
  ])('how grave a stale place is: %s', (_, days, severity) => {
    const stale = withClient({ thumbprint: OLD_THUMBPRINT, expiresAt: inDays(days) });
    expect(report(stale).findings).toMatchObject([{ severity, dueAt: inDays(days) }]);
  });

  test('a stale place that nothing uses is of middling weight', () => {
    const clients = [makeClient({ thumbprint: OLD_THUMBPRINT, expiresAt: inDays(-3) })];
    const made = report({
      services: [makeService({ clients, usage: makeUsage({ [PLACE]: UNUSED }) })],
    });
    expect(told(made)).toEqual([`STALE_AT_TARGET ${PLACE}`, `USED_BY_NOTHING ${PLACE}`]);
    expect(made.findings[0]?.severity).toBe('medium');
  });

  test('a stale place repeats why the last sync could not help, and how to go on', () => {
    const binding = makeBound({ status: 'blocked', problem: { ...PROBLEM, cure: 'Do this.' } });
    const [finding] = report({ ...STALE, ledger: [makeEntry({ bindings: [binding] })] }).findings;
    expect(finding).toMatchObject({ code: 'STALE_AT_TARGET', cure: 'Do this.' });
    expect(finding?.message).toContain(PROBLEM.message);
  });
});
