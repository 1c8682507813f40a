import type { AuditFacts } from '../../../shared/domain/audit/audit-facts.ts';
import {
  IN_USE,
  inDays,
  makeBound,
  makeClient,
  makeDetails,
  makeEntry,
  makeFacts,
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
import { makeLooks, NEW_THUMBPRINT, OLD_THUMBPRINT } from '../../support/domain-samples.ts';

type Row = readonly [sentence: string, facts: Partial<AuditFacts>, findings: readonly string[]];

const SOURCE = 'contoso-kv/gateway-client';
const PLACE = 'contoso-gw/certificates/gateway-client';

/** The vault's certificate, and the same at its target, with so many days left. */
function expiring(
  days: number,
  renewal: 'auto' | 'notify-only' | 'none' = 'none',
): Partial<AuditFacts> {
  const expiresAt = inDays(days);
  const looks = makeLooks({ thumbprint: NEW_THUMBPRINT, notAfter: expiresAt });
  return {
    vaults: [
      makeVault({
        certificates: [makeVaulted({ expiresAt, details: makeDetails({ looks, renewal }) })],
      }),
    ],
    services: [makeService({ clients: [makeClient({ expiresAt })] })],
  };
}

/** An upload at a service, besides nothing. */
function uploaded(days: number, used = true): Partial<AuditFacts> {
  const client = makeClient({
    id: 'legacy',
    reference: UPLOADED,
    thumbprint: OLD_THUMBPRINT,
    expiresAt: inDays(days),
  });
  return {
    vaults: [],
    ledger: [],
    services: [
      makeService({
        clients: [client],
        usage: makeUsage({ 'contoso-gw/certificates/legacy': used ? IN_USE : UNUSED }),
      }),
    ],
  };
}

const ROWS: readonly Row[] = [
  [
    'nothing is said of a certificate with more days than the longest time',
    expiring(31, 'auto'),
    [],
  ],
  ['thirty days are later', expiring(30), [`EXPIRES_LATER ${SOURCE}`]],
  ['a moment more than fourteen are later', expiring(14.01), [`EXPIRES_LATER ${SOURCE}`]],
  ['fourteen days are soon', expiring(14), [`EXPIRES_SOON ${SOURCE}`]],
  ['a moment more than seven are soon', expiring(7.01), [`EXPIRES_SOON ${SOURCE}`]],
  ['seven days are very soon', expiring(7), [`EXPIRES_VERY_SOON ${SOURCE}`]],
  ['a moment is very soon', expiring(0.001), [`EXPIRES_VERY_SOON ${SOURCE}`]],
  ['no moment at all is expired', expiring(0), [`EXPIRED ${SOURCE}`]],
  [
    'with one time only it is very soon, or not at all',
    { ...expiring(20), settings: { expiryDays: [20] } },
    [`EXPIRES_VERY_SOON ${SOURCE}`],
  ],
  [
    'without renewal it is found at twice the longest time',
    expiring(60),
    [`NO_AUTO_RENEWAL ${SOURCE}`],
  ],
  [
    'a policy that only writes to somebody renews nothing',
    expiring(60, 'notify-only'),
    [`NO_AUTO_RENEWAL ${SOURCE}`],
  ],
  ['without renewal, and further away, it is not found', expiring(60.01), []],
  ['what its vault renews needs nothing yet', expiring(60, 'auto'), []],
  [
    'whether it is renewed is not known of a certificate without details',
    {
      vaults: [
        makeVault({
          certificates: [{ ...makeVaulted({ expiresAt: inDays(50) }), details: undefined }].map(
            ({ details: _, ...one }) => one,
          ),
        }),
      ],
    },
    [],
  ],
  [
    'what is disabled in the vault and nowhere else does not expire',
    {
      vaults: [
        makeVault({ certificates: [makeVaulted({ enabled: false, expiresAt: inDays(3) })] }),
      ],
      services: [makeService({ clients: [] })],
      ledger: [],
    },
    [],
  ],
  [
    'an upload will not rotate',
    uploaded(300),
    ['UPLOADED_NOT_ROTATING contoso-gw/certificates/legacy'],
  ],
  [
    'an upload that expires is told as that, and only as that',
    uploaded(20),
    ['EXPIRES_LATER contoso-gw/certificates/legacy'],
  ],
  ['an upload that has expired too', uploaded(-1), ['EXPIRED contoso-gw/certificates/legacy']],
  [
    'an upload that nothing uses is told as unused, expired or not',
    uploaded(-1, false),
    ['USED_BY_NOTHING contoso-gw/certificates/legacy'],
  ],
  [
    'a CA certificate expires; that it was uploaded is as it should be',
    {
      services: [
        makeService({
          ca: [
            {
              store: 'Root',
              thumbprint: 'D'.repeat(40),
              subject: 'CN=Contoso CA',
              expiresAt: inDays(5),
            },
          ],
        }),
      ],
    },
    [`EXPIRES_VERY_SOON contoso-gw/ca/Root/${'D'.repeat(40)}`],
  ],
  [
    'Azure renews what it has issued, so that it has weeks left is no news',
    {
      services: [
        makeService({
          hostnames: [hostnameOfAzure(20)],
        }),
      ],
    },
    [],
  ],
  [
    'unless it comes very near',
    { services: [makeService({ hostnames: [hostnameOfAzure(6)] })] },
    ['EXPIRES_VERY_SOON contoso-gw/hostnames/api.contoso.com'],
  ],
  [
    'what a custom domain was given as a file will not rotate',
    { services: [makeService({ hostnames: [makeHostname({ ...ofFile(100) })] })] },
    ['UPLOADED_NOT_ROTATING contoso-gw/hostnames/api.contoso.com'],
  ],
  [
    'what holds an older version than its source does not expire, but is stale',
    {
      services: [
        makeService({
          clients: [makeClient({ thumbprint: OLD_THUMBPRINT, expiresAt: inDays(3) })],
        }),
      ],
    },
    [`STALE_AT_TARGET ${PLACE}`],
  ],
  [
    'where the vault could not be read, the place says when it expires',
    {
      vaults: [makeVault({ unreadable: { code: 'CERTKEEPER_FIREWALLED', message: 'No way in.' } })],
      services: [makeService({ clients: [makeClient({ expiresAt: inDays(3) })] })],
    },
    [`EXPIRES_VERY_SOON ${PLACE}`, 'VAULT_UNREADABLE contoso-kv'],
  ],
  [
    'a time that cannot be read is no expiry',
    {
      services: [
        makeService({ clients: [makeClient({ reference: UPLOADED, expiresAt: 'soon' })] }),
      ],
      ledger: [],
      vaults: [],
    },
    [`UPLOADED_NOT_ROTATING ${PLACE}`],
  ],
];

function hostnameOfAzure(days: number) {
  const { reference: _, ...hostname } = makeHostname({
    certificateSource: 'Managed',
    thumbprint: OLD_THUMBPRINT,
    expiresAt: inDays(days),
  });
  return hostname;
}

function ofFile(days: number) {
  return {
    reference: UPLOADED,
    certificateSource: 'Custom',
    thumbprint: OLD_THUMBPRINT,
    expiresAt: inDays(days),
  } as const;
}

describe('Of what expires an audit says:', () => {
  test.each(ROWS)('%s', (_, facts, findings) => {
    expect(told(report(facts))).toEqual(findings);
  });

  test.each([
    ['as it is', 'none', 6, 'critical'],
    ['a step milder while its vault is set to renew it', 'auto', 6, 'high'],
    ['not milder when its vault failed to', 'auto', -1, 'critical'],
  ] as const)('how grave it is: %s', (_, renewal, days, severity) => {
    expect(report(expiring(days, renewal)).findings).toMatchObject([
      { severity, dueAt: inDays(days) },
    ]);
  });

  test('what nothing relies on is of little weight', () => {
    const facts = expiring(-1);
    const services = [makeService({ clients: [], usage: makeUsage({}) })];
    const [finding] = report({ ...facts, services, ledger: [] }).findings;
    expect(finding).toMatchObject({ code: 'EXPIRED', severity: 'low' });
    expect(finding?.message).toContain('No service that was read holds it.');
  });

  test('nobody claims that when a service could not be read', () => {
    const services = [
      makeService({ unreadable: { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'No.' } }),
    ];
    const { findings } = report({ ...expiring(-1), services, ledger: [] });
    expect(findings[0]).toMatchObject({ code: 'EXPIRED', severity: 'critical' });
  });

  test('a key that an application in Entra trusts is in use', () => {
    const target = {
      kind: 'entra-application',
      appId: '11111111-2222-3333-4444-555555555555',
    } as const;
    const ledger = [makeEntry({ bindings: [makeBound({ target })] })];
    const services = [makeService({ clients: [] })];
    expect(report({ ...expiring(6), services, ledger }).findings).toMatchObject([
      { code: 'EXPIRES_VERY_SOON', severity: 'critical' },
    ]);
  });

  test('an upload whose certificate is in a vault is told how to follow it', () => {
    const client = makeClient({ id: "o'legacy", reference: UPLOADED });
    const { findings } = report({ services: [makeService({ clients: [client] })], ledger: [] });
    expect(findings[0]?.cure).toBe(
      String.raw`Its vault has it already: npx certkeeper bind contoso-kv/gateway-client -t 'contoso-gw/certificates/o'\''legacy' --take-over`,
    );
  });

  test('it is one finding from the first day to the last', () => {
    const ids = [60, 20, 10, 5, -1].map((days) => report(expiring(days)).findings[0]?.id);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^renewal-[0-9a-f]{16}$/);
  });

  test('the default facts are without a finding', () => {
    expect(told(report(makeFacts()))).toEqual([]);
  });
});
