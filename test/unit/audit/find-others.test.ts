import { serviceTaken } from '../../../shared/domain/installation.ts';
import type { AuditFacts } from '../../../shared/domain/audit/audit-facts.ts';
import type { CertificateLooks } from '../../../shared/domain/certificate-looks.ts';
import {
  IN_USE,
  inDays,
  makeBound,
  makeClient,
  makeDetails,
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
import { makeLooks, NEW_THUMBPRINT, OLD_THUMBPRINT } from '../../support/domain-samples.ts';

type Row = readonly [sentence: string, facts: Partial<AuditFacts>, findings: readonly string[]];

const NAME = 'contoso-kv/gateway-client';
const PLACE = 'contoso-gw/certificates/gateway-client';

/** The certificate in the vault with these details; it is installed at its target. */
function looking(
  looks: Partial<CertificateLooks>,
  details: Parameters<typeof makeDetails>[0] = {},
): Partial<AuditFacts> {
  const whole = makeLooks({ thumbprint: NEW_THUMBPRINT, notAfter: inDays(365), ...looks });
  return {
    vaults: [
      makeVault({
        certificates: [makeVaulted({ details: makeDetails({ looks: whole, ...details }) })],
      }),
    ],
  };
}

/** Two certificates in the vault that share their key. */
function sharingKey(
  other: Partial<CertificateLooks>,
  own: Partial<CertificateLooks> = {},
): Partial<AuditFacts> {
  const details = (looks: CertificateLooks) => makeDetails({ publicKeyDigest: 'same', looks });
  const one = makeLooks({ thumbprint: NEW_THUMBPRINT, notAfter: inDays(365), ...own });
  const another = { ...one, thumbprint: OLD_THUMBPRINT, ...other };
  return {
    vaults: [
      makeVault({
        certificates: [
          makeVaulted({ details: details(one) }),
          makeVaulted({ name: 'z-other', thumbprint: OLD_THUMBPRINT, details: details(another) }),
        ],
      }),
    ],
  };
}

const CONSUMPTION = { tier: 'Consumption', ca: [] };

function clients(number: number) {
  return Array.from({ length: number }, (_, at) =>
    makeClient({
      id: `c-${String(at)}`,
      reference: UPLOADED,
      thumbprint: String(at).padStart(40, '0'),
    }),
  );
}

function authorities(number: number) {
  return Array.from({ length: number }, (_, at) => ({
    store: 'Root' as const,
    thumbprint: String(at).padStart(40, 'C'),
    subject: at === 0 ? 'CN=Contoso CA' : `CN=CA ${String(at)}`,
    expiresAt: inDays(3_000),
  }));
}

function used(of: typeof IN_USE | typeof UNUSED | object): Partial<AuditFacts> {
  return { services: [makeService({ usage: makeUsage({ [PLACE]: { ...IN_USE, ...of } }) })] };
}

const ROWS: readonly Row[] = [
  ['an RSA key of 1024 bits is weak', looking({ keySize: 1_024 }), [`WEAK_KEY ${NAME}`]],
  ['one of 2047 is', looking({ keySize: 2_047 }), [`WEAK_KEY ${NAME}`]],
  ['one of 2048 is not', looking({ keySize: 2_048 }), []],
  ['a DSA key is, however long', looking({ keyType: 'DSA', keySize: 3_072 }), [`WEAK_KEY ${NAME}`]],
  [
    'a curve of 192 bits is',
    looking({ keyType: 'EC', keySize: 192, curve: 'P-192' }),
    [`WEAK_KEY ${NAME}`],
  ],
  ['P-256 is not', looking({ keyType: 'EC', keySize: 256, curve: 'P-256' }), []],
  ['a key of no known size is not judged', looking({ keyType: '1.2.3', keySize: 8 }), []],
  [
    'SHA-1 is weak',
    looking({ signatureAlgorithm: 'sha1WithRSAEncryption' }),
    [`WEAK_SIGNATURE ${NAME}`],
  ],
  [
    'in RSASSA-PSS too',
    looking({ signatureAlgorithm: 'RSASSA-PSS with SHA1' }),
    [`WEAK_SIGNATURE ${NAME}`],
  ],
  ['MD5 is', looking({ signatureAlgorithm: 'md5WithRSAEncryption' }), [`WEAK_SIGNATURE ${NAME}`]],
  ['SHA-256 is not', looking({ signatureAlgorithm: 'ecdsa-with-SHA256' }), []],
  ['SHA-128 would not be SHA-1', looking({ signatureAlgorithm: 'sha-128-with-x' }), []],
  [
    'a chain that is incomplete is told',
    looking({}, { chain: 'incomplete' }),
    [`CHAIN_BROKEN ${NAME}`],
  ],
  [
    'what signed itself has none',
    looking({ issuer: 'CN=a.contoso.com' }, { chain: 'incomplete', selfSigned: true }),
    [],
  ],
  [
    'an issuer that the store does not hold is missed',
    looking({ issuer: 'CN=Other CA, O=Contoso' }),
    ['ISSUER_NOT_IN_CA_STORE contoso-gw'],
  ],
  [
    'not one whose name Azure writes the other way round, with quotes',
    {
      ...looking({ issuer: String.raw`C=US, O=Contoso\, Inc., CN=Contoso CA` }),
      services: [
        makeService({
          ca: [
            {
              store: 'Root',
              thumbprint: 'C'.repeat(40),
              subject: 'CN=Contoso CA, O="Contoso, Inc.", C=US',
            },
          ],
        }),
      ],
    },
    [],
  ],
  ['not a public one', looking({ issuer: 'CN=DigiCert Global G2, O=DigiCert Inc, C=US' }), []],
  ['not the certificate itself', looking({ issuer: 'CN=me' }, { selfSigned: true }), []],
  [
    'not where the store has no effect',
    {
      ...looking({ issuer: 'CN=Other CA' }),
      services: [makeService({ ca: [], tier: 'StandardV2' })],
    },
    [],
  ],
  [
    'CA certificates have no effect on a v2 tier, even when they expire',
    {
      services: [
        makeService({
          tier: 'PremiumV2',
          ca: authorities(2).map((one) => ({ ...one, expiresAt: inDays(1) })),
        }),
      ],
    },
    ['CA_WITHOUT_EFFECT contoso-gw'],
  ],
  ['what nothing uses is told', used(UNUSED), [`USED_BY_NOTHING ${PLACE}`]],
  [
    'not of what came to its place after that was looked at',
    {
      ...used(UNUSED),
      ledger: [makeEntry({ bindings: [makeBound({ changedAt: inDays(-0.1) })] })],
    },
    [],
  ],
  [
    'but of what came before',
    {
      ...used(UNUSED),
      ledger: [makeEntry({ bindings: [makeBound({ changedAt: inDays(-0.3) })] })],
    },
    [`USED_BY_NOTHING ${PLACE}`],
  ],
  ['what may be in use is not', used({ verdict: 'may-be-in-use' }), []],
  ['what nobody has looked at is not', { services: [makeService({ usage: makeUsage({}) })] }, []],
  [
    'that nobody has looked is told of the service',
    { services: [makeService()].map(({ usage: _, ...one }) => one) },
    ['USAGE_UNKNOWN contoso-gw'],
  ],
  [
    'unless it holds nothing that could be used',
    { services: [makeService({ clients: [] })].map(({ usage: _, ...one }) => one) },
    [],
  ],
  [
    'a reference by thumbprint breaks',
    used({ byThumbprint: ['apis/orders/policies/policy'], byThumbprintCount: 1 }),
    [`REFERENCED_BY_THUMBPRINT ${PLACE}`],
  ],
  [
    'the same certificate under two ids is told of the service',
    { services: [makeService({ clients: [makeClient(), makeClient({ id: 'again' })] })] },
    ['SEVERAL_IDS contoso-gw'],
  ],
  [
    'not when the other is in a workspace, which needs one of its own',
    {
      services: [
        makeService({
          workspaces: [{ name: 'team-a', certificates: [makeClient({ id: 'again' })] }],
        }),
      ],
    },
    [],
  ],
  [
    'one key for two subjects is told at the first of them',
    sharingKey({ subject: 'CN=another' }),
    [`KEY_REUSED ${NAME}`],
  ],
  ['not a second certificate of one subject, as a renewal is', sharingKey({}), []],
  [
    'nor one whose name is only written in another order',
    sharingKey({ subject: 'CN=a, O=Contoso' }, { subject: 'O=Contoso, CN=a' }),
    [],
  ],
  [
    'one key for a client certificate and a custom domain is',
    { services: [makeService({ hostnames: [makeHostname()] })] },
    [`KEY_REUSED ${NAME}`],
  ],
  [
    'not one for a service and its workspace',
    {
      services: [
        makeService({
          workspaces: [{ name: 'team-a', certificates: [makeClient({ id: 'copy' })] }],
        }),
      ],
    },
    [],
  ],
  [
    'what could not be read of a vault is told',
    { vaults: [makeVault({ gaps: [{ code: 'AZURE_REFUSED', message: 'Not the details.' }] })] },
    ['VAULT_UNREADABLE contoso-kv'],
  ],
  [
    'what could not be read of a service is told, each part',
    {
      services: [
        makeService({
          gaps: [
            { code: 'AZURE_REFUSED', message: 'Not its workspaces.', resource: 'workspaces' },
            { code: 'AZURE_REFUSED', message: 'Not its gateways.', resource: 'gateways' },
          ],
        }),
      ],
    },
    ['SERVICE_UNREADABLE contoso-gw', 'SERVICE_UNREADABLE contoso-gw'],
  ],
  [
    'of a service that could not be read nothing else is said',
    {
      services: [
        makeService({ tier: '', unreadable: { code: 'AZURE_UNAVAILABLE', message: 'Down.' } }),
      ],
    },
    ['SERVICE_UNREADABLE contoso-gw'],
  ],
  [
    'a notification that nobody got is told',
    { undelivered: [{ place: 'ops', message: '503', at: inDays(-0.1) }] },
    ['NOTIFICATION_FAILED ops'],
  ],
  [
    'a service that another installation keeps is told, if it is one of those under care',
    {
      services: [makeService()],
      marks: ['contoso-gw', 'gone-gw'].map((one) => serviceTaken(one, 'b')),
    },
    ['SERVICE_TAKEN contoso-gw'],
  ],
];

describe('An audit finds:', () => {
  test.each(ROWS)('%s', (_, facts, findings) => {
    expect(told(report(facts))).toEqual(findings);
  });

  test.each([
    ['eight CA certificates of ten', { ca: authorities(8) }, true],
    ['not seven', { ca: authorities(7) }, false],
    [
      'forty client certificates of fifty on Consumption',
      { ...CONSUMPTION, clients: clients(40) },
      true,
    ],
    ['not thirty-nine', { ...CONSUMPTION, clients: clients(39) }, false],
    ['not sixty on another tier', { clients: clients(60) }, false],
  ])('a limit is near with %s', (_, service, near) => {
    const { findings } = report({ ledger: [], services: [makeService(service)] });
    expect(findings.some(({ code }) => code === 'NEAR_LIMIT')).toBe(near);
  });

  test('a limit that is reached is graver than one that is near', () => {
    const { findings } = report({ services: [makeService({ ca: authorities(10) })] });
    expect(findings).toMatchObject([{ code: 'NEAR_LIMIT', severity: 'high' }]);
  });

  test('a reference by thumbprint to what never rotates is of little weight', () => {
    const services = [
      makeService({
        clients: [makeClient({ reference: UPLOADED, thumbprint: OLD_THUMBPRINT })],
        usage: makeUsage({ [PLACE]: { ...IN_USE, byThumbprint: ['p'], byThumbprintCount: 9 } }),
      }),
    ];
    const { findings } = report({ services, ledger: [] });
    const found = findings.find(({ code }) => code === 'REFERENCED_BY_THUMBPRINT');
    expect(found).toMatchObject({ severity: 'low' });
    expect(found?.message).toContain('9 references');
  });

  test('weakness of what nothing uses is of little weight', () => {
    const facts = looking({ keySize: 1_024 });
    const made = report({ ...facts, ledger: [], services: [makeService({ clients: [] })] });
    expect(made.findings).toMatchObject([{ code: 'WEAK_KEY', severity: 'low' }]);
  });
});
