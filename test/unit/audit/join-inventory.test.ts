import {
  inDays,
  IN_USE,
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
  UPLOADED,
} from '../../support/audit/make-facts.ts';
import {
  makeLooks,
  NEW_THUMBPRINT,
  NEW_VERSION,
  OLD_THUMBPRINT,
  SOURCE,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';

const PLACE = 'contoso-gw/certificates/gateway-client';

function row(id: string, facts: Parameters<typeof report>[0] = {}) {
  return report(facts).certificates.find((one) => one.id === id);
}

describe('The inventory of a report', () => {
  test('has a row for each certificate at each place, in the order of their ids', () => {
    const services = [
      makeService({
        workspaces: [{ name: 'team-a', certificates: [makeClient({ id: 'b' })] }],
        hostnames: [makeHostname()],
        gateways: [
          {
            ...{ name: 'shop', resourceId: '/gateways/shop' },
            hostnames: [
              { id: 'h', hostName: 'shop', certificateId: 'Gateway-Client' },
              { id: 'without', hostName: 'plain' },
            ],
            authorities: [{ certificateId: 'none', trusted: false }],
          },
        ],
      }),
    ];
    expect(report({ services }).certificates.map(({ id, place }) => [place, id])).toEqual([
      ['ca', `contoso-gw/ca/Root/${'C'.repeat(40)}`],
      ['client', PLACE],
      ['gateway', 'contoso-gw/gateways/shop/ca/none'],
      ['gateway', 'contoso-gw/gateways/shop/hostnames/h'],
      ['hostname', 'contoso-gw/hostnames/api.contoso.com'],
      ['workspace', 'contoso-gw/workspaces/team-a/certificates/b'],
      ['vault', 'contoso-kv/gateway-client'],
    ]);
    expect(row('contoso-gw/gateways/shop/hostnames/h', { services })).toMatchObject({
      thumbprint: NEW_THUMBPRINT,
      origin: 'key-vault',
      source: 'contoso-kv/gateway-client',
    });
  });

  test('tells of a certificate in a vault what it says of itself', () => {
    const looks = makeLooks({ thumbprint: NEW_THUMBPRINT, notAfter: inDays(365) });
    const certificates = [
      makeVaulted({ tags: { Owner: 'team-\u202Eshop' }, details: makeDetails({ looks }) }),
    ];
    expect(row('contoso-kv/gateway-client', { vaults: [makeVault({ certificates })] })).toEqual({
      id: 'contoso-kv/gateway-client',
      place: 'vault',
      vault: 'contoso-kv',
      resourceId: 'https://contoso-kv.vault.azure.net/certificates/gateway-client',
      subject: 'CN=a.contoso.com',
      sans: ['a.contoso.com', 'b.contoso.com'],
      issuer: 'CN=Contoso CA',
      serialNumber: '01',
      key: 'RSA 2048',
      signature: 'sha256WithRSAEncryption',
      notBefore: '2025-07-01T00:00:00.000Z',
      expiresAt: inDays(365),
      publicKeyDigest: 'aa',
      thumbprint: NEW_THUMBPRINT,
      sourceThumbprint: NEW_THUMBPRINT,
      version: NEW_VERSION,
      source: 'contoso-kv/gateway-client',
      origin: 'vault',
      enabled: true,
      renewal: 'auto',
      owner: 'team- shop',
    });
  });

  test('tells of a place what it holds, what its source has, its uses and its last rotation', () => {
    const { details: _, ...unknown } = makeVaulted({ tags: { owner: 'team-shop' } });
    const rotation = { at: inDays(-10), seconds: 7 };
    expect(
      row(PLACE, {
        vaults: [makeVault({ certificates: [unknown] })],
        services: [
          makeService({
            clients: [makeClient({ thumbprint: OLD_THUMBPRINT, subject: 'CN=old' })],
            usage: makeUsage({ [PLACE]: IN_USE }),
          }),
        ],
        ledger: [makeEntry({ bindings: [makeBound({ status: 'blocked', rotation })] })],
      }),
    ).toEqual({
      id: PLACE,
      place: 'client',
      service: 'contoso-gw',
      resourceId: makeClient().resourceId,
      subject: 'CN=old',
      expiresAt: inDays(365),
      thumbprint: OLD_THUMBPRINT,
      source: 'contoso-kv/gateway-client',
      sourceThumbprint: NEW_THUMBPRINT,
      version: NEW_VERSION,
      origin: 'key-vault',
      owner: 'team-shop',
      binding: 'blocked',
      uses: { verdict: 'in-use', references: 2, byThumbprint: 0, asOf: inDays(-0.2) },
      lastRotatedAt: rotation.at,
      rotationSeconds: 7,
    });
  });

  test('takes what a certificate says of itself from whatever vault holds it', () => {
    const clients = [makeClient({ id: 'u', reference: UPLOADED })];
    expect(
      row('contoso-gw/certificates/u', { services: [makeService({ clients })] }),
    ).toMatchObject({
      subject: 'CN=gateway-client',
      key: 'RSA 2048',
      origin: 'uploaded',
    });
  });

  test('knows what Certkeeper pushed from what somebody uploaded', () => {
    const services = [
      makeService({
        workspaces: [
          {
            name: 'team-a',
            certificates: [
              makeClient({ reference: UPLOADED }),
              makeClient({ id: 'other', reference: UPLOADED, thumbprint: OLD_THUMBPRINT }),
            ],
          },
        ],
      }),
    ];
    const ledger = [makeEntry({ bindings: [makeBound({ target: WORKSPACE_TARGET })] })];
    const { certificates } = report({ services, ledger });
    const origins = certificates.flatMap(({ place, origin }) =>
      place === 'workspace' ? [origin] : [],
    );
    expect(origins).toEqual(['pushed', 'uploaded']);
  });

  test('says nothing of a binding to another source than the one that a place reads', () => {
    const other = { vault: 'contoso-kv', name: 'another' };
    const record = { source: other, problems: [] };
    const ledger = [makeEntry({ record, bindings: [makeBound({ source: other })] })];
    expect(row(PLACE, { ledger })).toMatchObject({ source: `${SOURCE.vault}/${SOURCE.name}` });
    expect(row(PLACE, { ledger })?.binding).toBeUndefined();
  });

  test('finds the binding of a CA certificate by its thumbprint', () => {
    const target = { kind: 'ca-certificate', service: 'contoso-gw', store: 'Root' } as const;
    const pushed = { thumbprint: 'C'.repeat(40) };
    const ledger = [makeEntry({ bindings: [makeBound({ target, pushed })] })];
    expect(row(`contoso-gw/ca/Root/${'C'.repeat(40)}`, { ledger })).toMatchObject({
      source: 'contoso-kv/gateway-client',
      origin: 'pushed',
      binding: 'verified',
    });
  });

  test('counts in its scope what is where, and what was not read', () => {
    const unreadable = { code: 'AZURE_UNAVAILABLE', message: 'Down.' } as const;
    const { scope } = report({
      vaults: [makeVault({ gaps: [unreadable] })],
      services: [makeService(), makeService({ name: 'contoso-z', tier: '', unreadable })],
    });
    expect(scope.vaults).toMatchObject([{ name: 'contoso-kv', certificates: 1, unreadable }]);
    expect(scope.services).toEqual([
      {
        name: 'contoso-gw',
        resourceId: makeService().resourceId,
        certificates: 2,
        tier: 'Premium',
        usageAsOf: inDays(-0.2),
      },
      {
        name: 'contoso-z',
        resourceId: makeService().resourceId,
        certificates: 0,
        usageAsOf: inDays(-0.2),
        unreadable,
      },
    ]);
  });
});
