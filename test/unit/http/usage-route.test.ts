import { makeUsageRoute } from '../../../functions/triggers/usage-route.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import type { IndexedUsage, UsageScanner } from '../../../shared/domain/usage-ports.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import { formatTarget, type Target } from '../../../shared/domain/target.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';
import { askRoute } from '../../support/ask-route.ts';
import {
  makeBinding,
  NEW_THUMBPRINT,
  OLD_THUMBPRINT,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

const SEEN = '2026-07-01T10:00:00.000Z';
const OLDER = 'C'.repeat(40);

const BY_ID: CertificateReference = {
  document: 'backends/orders',
  kind: 'backend',
  at: 'credentials.certificateIds[0]',
  by: 'id',
  certainty: 'certain',
  repairable: false,
};
const PERHAPS: CertificateReference = {
  ...BY_ID,
  document: 'apis/orders/policies/policy',
  kind: 'policy',
  by: 'expression',
  certainty: 'possible',
};
const BY_THUMBPRINT: CertificateReference = { ...BY_ID, at: 'x', by: 'thumbprint' };
/** By a thumbprint that went with an earlier rotation. */
const STALE: CertificateReference = { ...BY_THUMBPRINT, document: 'backends/old' };
const DOMAIN: CertificateReference = {
  ...BY_ID,
  document: 'hostnames/api.contoso.com',
  kind: 'custom-domain',
  by: 'key-vault',
};

interface World {
  readonly bound?: boolean;
  readonly indexed?: readonly CertificateReference[] | 'never';
  readonly readers?: Readonly<Record<string, readonly CertificateReference[] | 'never'>>;
  readonly targets?: readonly Target[];
  readonly live?: readonly CertificateReference[];
  readonly vault?: SourceObservation;
  readonly there?: TargetState;
}

async function ask(query: string, world: World = {}) {
  const { bound = true, indexed = [], readers = {}, live = [] } = world;
  const under = (references: readonly CertificateReference[], thumbprints: readonly string[]) =>
    references.filter((one) => one !== STALE || thumbprints.includes(OLDER));
  const of = jest.fn(
    (_: Target, thumbprints: readonly string[]): Promise<IndexedUsage | undefined> =>
      Promise.resolve(
        indexed === 'never' ? undefined : { asOf: SEEN, references: under(indexed, thumbprints) },
      ),
  );
  const scan = jest.fn<ReturnType<UsageScanner['scan']>, [string]>(() =>
    Promise.resolve({
      asOf: '2026-07-01T11:00:00.000Z',
      of: (_, thumbprints) => under(live, thumbprints),
      ofSource: () => [DOMAIN],
    }),
  );
  const observe = jest.fn<Promise<TargetState>, [{ target: Target }]>(() =>
    Promise.resolve(
      world.there ?? { kind: 'present', installed: { reference: { kind: 'uploaded' } } },
    ),
  );
  const route = makeUsageRoute({
    observe,
    vaults: new Set([SOURCE.vault]),
    services: new Set(['contoso-gw', 'contoso-eu-gw']),
    ledger: makeMemoryLedger(
      bound
        ? (world.targets ?? [TARGET]).map((target) =>
            makeBinding({ target, targetThumbprint: OLD_THUMBPRINT }),
          )
        : [],
      bound ? [{ source: SOURCE, thumbprint: NEW_THUMBPRINT, earlier: [OLDER], problems: [] }] : [],
    ),
    vault: { readCurrent: () => Promise.resolve(world.vault ?? { kind: 'missing' }) },
    index: {
      of,
      ofSource: (service) => {
        const references = readers[service] ?? [];
        return Promise.resolve(references === 'never' ? undefined : { asOf: SEEN, references });
      },
    },
    scanner: { scan },
  });
  const { vault, name } = SOURCE;
  const path = `/certificates/${vault}/${name}/usage${query}`;
  const { status, body } = await askRoute(route, path, { params: { vault, name } });
  return { status, body, of, scan, observe };
}

describe('Where a certificate is used', () => {
  test('is answered from the index, with its age, and asks Azure nothing', async () => {
    const { status, body, of, scan, observe } = await ask('', { indexed: [BY_ID, PERHAPS] });
    expect(status).toBe(200);
    expect(body).toEqual({
      source: `${SOURCE.vault}/${SOURCE.name}`,
      verdict: 'in-use',
      targets: [
        {
          target: formatTarget(TARGET),
          verdict: 'in-use',
          asOf: SEEN,
          live: false,
          references: [BY_ID, PERHAPS],
        },
      ],
      readers: [],
    });
    expect(of).toHaveBeenCalledWith(TARGET, [OLD_THUMBPRINT, NEW_THUMBPRINT, OLDER]);
    expect(scan).not.toHaveBeenCalled();
    expect(observe).not.toHaveBeenCalled();
  });

  test.each<[CertificateReference[] | 'never', string]>([
    [[], 'unused'],
    [[PERHAPS], 'may-be-in-use'],
    [[PERHAPS, BY_ID], 'in-use'],
    ['never', 'unknown'],
  ])('is summed up by the surest reference: %#', async (indexed, verdict) => {
    expect((await ask('', { indexed })).body).toMatchObject({ verdict });
  });

  test('says what to do where nobody has looked yet', async () => {
    expect((await ask('', { indexed: 'never' })).body).toMatchObject({
      targets: [
        {
          problem: { code: 'USAGE_UNKNOWN', cure: expect.stringContaining('live=true') as string },
        },
      ],
    });
  });

  test.each(['', '?live'])(
    'says what is stale already: by what its target holds no longer %s',
    async (query) => {
      const references = [BY_ID, BY_THUMBPRINT, STALE];
      const { body } = await ask(query, { indexed: references, live: references });
      expect(body).toMatchObject({
        targets: [{ references: [BY_ID, BY_THUMBPRINT, { ...STALE, stale: true }] }],
      });
      const [
        {
          references: [, fresh],
        },
      ] = (body as { targets: [{ references: object[] }] }).targets;
      expect(fresh).not.toHaveProperty('stale');
    },
  );

  test('says of nothing that it is stale where it is not known what the target holds', async () => {
    const world = { bound: false, indexed: [STALE] };
    const { body } = await ask('?target=contoso-gw/certificates/other', world);
    expect(JSON.stringify(body)).not.toContain('"stale"');
  });

  test('is read from API Management with live', async () => {
    const { body, of, scan } = await ask('?live', { live: [BY_ID] });
    expect(body).toMatchObject({
      verdict: 'in-use',
      targets: [{ live: true, asOf: '2026-07-01T11:00:00.000Z', references: [BY_ID] }],
      readers: [{ service: 'contoso-gw', live: true, references: [DOMAIN] }],
    });
    expect(of).not.toHaveBeenCalled();
    expect(scan.mock.calls).toEqual([['contoso-gw']]);
  });

  test('names what reads the vault by itself, at every service under care', async () => {
    const { body } = await ask('', { readers: { 'contoso-eu-gw': [DOMAIN] } });
    expect(body).toMatchObject({
      readers: [{ service: 'contoso-eu-gw', asOf: SEEN, references: [DOMAIN] }],
    });
  });

  test('is in use by what reads the vault by itself, wherever it is bound', async () => {
    const world = {
      bound: false,
      vault: { kind: 'disabled' },
      readers: { 'contoso-gw': [DOMAIN] },
    } as const;
    expect((await ask('', world)).body).toMatchObject({ verdict: 'in-use', targets: [] });
  });

  test('names the services at which nobody has looked for that yet', async () => {
    const { body } = await ask('', { readers: { 'contoso-eu-gw': 'never' } });
    expect(body).toMatchObject({ verdict: 'unused', readers: [], unseen: ['contoso-eu-gw'] });
  });

  test('is unknown at targets of which API Management does not say it', async () => {
    const { body } = await ask('', {
      targets: [{ kind: 'ca-certificate', service: 'contoso-gw', store: 'Root' }],
    });
    expect(body).toMatchObject({
      verdict: 'unknown',
      targets: [
        { target: 'contoso-gw/ca/Root', verdict: 'unknown', problem: { code: 'USAGE_UNKNOWN' } },
      ],
    });
  });

  test('can be asked for one target, which need not be bound', async () => {
    const { body } = await ask('?target=contoso-eu-gw/certificates/other', { indexed: [BY_ID] });
    expect(body).toMatchObject({ targets: [{ target: 'contoso-eu-gw/certificates/other' }] });
  });

  test('is not looked for at a target in API Management that the ledger knows', async () => {
    const { observe } = await ask(`?target=${formatTarget(TARGET)}`, { there: { kind: 'absent' } });
    expect(observe).not.toHaveBeenCalled();
  });

  test.each([
    ['', 'never'],
    ['', []],
    ['&live', []],
  ] as const)('is not "unused" at a target that is not there: %s %#', async (live, indexed) => {
    const path = 'contoso-gw/certificates/ordres';
    const { status, body } = await ask(`?target=${path}${live}`, {
      ...{ indexed, there: { kind: 'absent' } },
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        targets: [
          {
            ...{ target: path, missing: true, verdict: 'unknown', references: [] },
            problem: { code: 'USAGE_UNKNOWN', resource: path },
          },
        ],
      },
    });
    expect(JSON.stringify(body)).toContain(`There is no certificate ${path}`);
    expect(body).not.toMatchObject({ verdict: 'unused' });
  });

  test('is in use by what refers to a target that is not there, which is said too', async () => {
    const { body } = await ask('?target=contoso-gw/certificates/gone', {
      ...{ indexed: [BY_ID], there: { kind: 'absent' } },
    });
    expect(body).toMatchObject({
      verdict: 'in-use',
      targets: [{ missing: true, verdict: 'in-use', references: [BY_ID] }],
    });
  });

  test('is looked for by the thumbprint of what an unbound target holds too', async () => {
    const { body, of } = await ask('?target=contoso-gw/certificates/other', {
      there: {
        kind: 'present',
        installed: { reference: { kind: 'uploaded' }, thumbprint: 'D'.repeat(40) },
      },
    });
    expect(of.mock.calls[0]?.[1]).toContain('D'.repeat(40));
    expect(JSON.stringify(body)).not.toContain('"missing"');
  });

  test('shows no more than people read, and says how many there are besides', async () => {
    const many = Array.from({ length: 501 }, (_, n) => ({ ...BY_ID, document: `backends/b${n}` }));
    const { body } = await ask('', { indexed: many });
    expect(body).toMatchObject({ targets: [{ leftOut: 1 }] });
    expect((body as { targets: { references: unknown[] }[] }).targets[0]?.references).toHaveLength(
      500,
    );
  });

  test('is refused for a name that neither the ledger nor the vault knows', async () => {
    const answer = await ask('', { bound: false });
    expect(answer).toMatchObject({ status: 404, body: { code: 'SOURCE_NOT_FOUND' } });
  });

  test('is nowhere for a certificate of the vault that is bound to nothing', async () => {
    const answer = await ask('', { bound: false, vault: { kind: 'disabled' } });
    expect(answer).toMatchObject({ status: 200, body: { verdict: 'unused', targets: [] } });
  });

  test.each([
    ['a target that cannot be read', '?target=contoso-gw/what', 400, 'INVALID_REQUEST'],
    ['a service that is not under care', '?target=other-gw', 404, 'SERVICE_NOT_CONFIGURED'],
    ['live that is neither yes nor no', '?live=perhaps', 400, 'INVALID_REQUEST'],
  ])('is not looked for with %s', async (_, query, status, code) => {
    expect(await ask(query)).toMatchObject({ status, body: { code } });
  });
});
