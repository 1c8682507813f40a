import { makeChainNotes } from '../../../../shared/azure/audit/kept-details.ts';
import { makeVaultInventories } from '../../../../shared/azure/audit/vault-inventories.ts';
import { makeVaults } from '../../../../shared/azure/key-vault.ts';
import type { VaultListing } from '../../../../shared/domain/audit/audit-ports.ts';
import { TransientError } from '../../../../shared/domain/errors.ts';
import { makeTestCertificate, type TestCertificate } from '../../../support/azure/make-pfx.ts';
import {
  makeScriptedAzure,
  refuse,
  type Answer,
  type Sent,
} from '../../../support/fake-http-client.ts';
import { makeMemoryTable, type Table } from '../../../support/memory-table.ts';

const VAULT = { id: '/kv', subscriptionId: 's', resourceGroup: 'rg', name: 'contoso-kv' };
const BASE = 'https://contoso-kv.vault.azure.net';
const VERSION = '0123456789abcdef0123456789abcdef';
const NOW = new Date('2026-11-28T02:00:00Z');
const DAY = 86_400;
const seconds = (days: number): number => NOW.getTime() / 1_000 + days * DAY;

interface Held {
  readonly certificate: TestCertificate;
  readonly expiresInDays: number;
  readonly createdDaysAgo?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly enabled?: boolean;
  readonly policy?: object;
}

let one: TestCertificate;
let other: TestCertificate;
beforeAll(async () => {
  one = await makeTestCertificate('CN=one');
  other = await makeTestCertificate('CN=other');
});

const x5t = ({ thumbprint }: TestCertificate): string =>
  Buffer.from(thumbprint, 'hex').toString('base64url');

function item(
  name: string,
  { certificate, expiresInDays, createdDaysAgo = 10, tags, enabled = true }: Held,
): object {
  return {
    id: `${BASE}/certificates/${name}`,
    x5t: x5t(certificate),
    attributes: { enabled, created: seconds(-createdDaysAgo), exp: seconds(expiresInDays) },
    ...(tags === undefined ? {} : { tags }),
  };
}

/** A vault as the wire shows it; `bend` answers in its place where it wants to. */
function over(
  held: () => Readonly<Record<string, Held>>,
  {
    bend = () => undefined,
    table = makeMemoryTable(),
    detailsAtOnce,
  }: {
    readonly bend?: (sent: Sent) => Answer | undefined;
    readonly table?: Table;
    readonly detailsAtOnce?: number;
  } = {},
) {
  const { clients, sent } = makeScriptedAzure((request) => {
    const bent = bend(request);
    if (bent !== undefined) return bent;
    const { path } = request;
    if (path === '/deletedcertificates') return { status: 200, body: { value: [] } };
    if (path === '/certificates') {
      return {
        status: 200,
        body: { value: Object.entries(held()).map(([name, what]) => item(name, what)) },
      };
    }
    const name = path.split('/')[2] ?? '';
    const found = held()[name];
    if (found === undefined) return refuse(404, 'CertificateNotFound');
    const { policy = { issuer: { name: 'Self' }, lifetime_actions: [] } } = found;
    return {
      status: 200,
      body: {
        ...item(name, found),
        id: `${BASE}/certificates/${name}/${VERSION}`,
        cer: found.certificate.der.toString('base64'),
        policy,
      },
    };
  });
  const inventories = makeVaultInventories({
    ...{ clients, vaults: [VAULT], vaultSuffix: 'vault.azure.net', table },
    ...{ lists: makeVaults(clients, [VAULT]), expiryDays: 30, now: () => NOW },
    ...(detailsAtOnce === undefined ? {} : { detailsAtOnce }),
  });
  const paths = () => sent.map(({ path }) => path);
  return {
    table,
    list: () => inventories.list('contoso-kv'),
    read: (listing: VaultListing, after?: string) => inventories.read(listing, after),
    async inventory() {
      const reading = await inventories.read(await inventories.list('contoso-kv'));
      if (reading.kind !== 'whole') throw new Error('There is more of it.');
      return reading.inventory;
    },
    lists: () => paths().filter((path) => path === '/certificates').length,
    detailReads: () => paths().filter((path) => /^\/certificates\/./.test(path)).length,
  };
}

describe('The inventory of a vault', () => {
  test('has what the list says and what each certificate says of itself', async () => {
    const vault = over(() => ({
      'gateway-client': {
        certificate: one,
        expiresInDays: 200,
        tags: { owner: 'team-a', 'certkeeper-targets': 'contoso-gw', colour: 'blue' },
      },
    }));
    const inventory = await vault.inventory();
    expect(inventory).toMatchObject({
      ...{ kind: 'vault', name: 'contoso-kv', resourceId: '/kv', readAt: NOW.toISOString() },
      deleted: [],
    });
    expect(inventory).not.toHaveProperty('gaps');
    expect(inventory.certificates).toEqual([
      {
        name: 'gateway-client',
        resourceId: `${BASE}/certificates/gateway-client`,
        enabled: true,
        thumbprint: one.thumbprint,
        version: VERSION,
        createdAt: new Date(seconds(-10) * 1_000).toISOString(),
        expiresAt: new Date(seconds(200) * 1_000).toISOString(),
        tags: { owner: 'team-a', 'certkeeper-targets': 'contoso-gw' },
        details: {
          looks: expect.objectContaining({
            ...{ subject: 'CN=one', keyType: 'EC', curve: 'P-256' },
          }) as object,
          publicKeyDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          selfSigned: true,
          renewal: 'none',
        },
      },
    ]);
  });

  test('costs one call a version: a second look at an unchanged vault only lists', async () => {
    const table = makeMemoryTable();
    const held = { a: { certificate: one, expiresInDays: 200 } };
    const first = over(() => held, { table });
    const inventory = await first.inventory();
    expect(first.detailReads()).toBe(1);
    const second = over(() => held, { table });
    expect(await second.inventory()).toEqual(inventory);
    expect([second.lists(), second.detailReads()]).toEqual([1, 0]);
    const rotated = over(() => ({ a: { certificate: other, expiresInDays: 300 } }), { table });
    const { certificates } = await rotated.inventory();
    expect(rotated.detailReads()).toBe(1);
    expect(certificates[0]?.details?.looks.subject).toBe('CN=other');
  });

  test('reads one anew that was imported again: the same thumbprint, and another version', async () => {
    const table = makeMemoryTable();
    const held = { a: { certificate: one, expiresInDays: 200 } };
    await over(() => held, { table }).inventory();
    const again = over(() => ({ a: { ...held.a, createdDaysAgo: 1 } }), { table });
    await again.inventory();
    expect(again.detailReads()).toBe(1);
  });

  test.each([
    ['soon expires, for its policy may have changed', 29, 1],
    ['is soon to be found without renewal', 60, 1],
    ['has expired', -1, 0],
    ['expires later', 61, 0],
  ])('reads one anew that %s: %i days, %i calls', async (_, expiresInDays, calls) => {
    const table = makeMemoryTable();
    const held = { a: { certificate: one, expiresInDays } };
    await over(() => held, { table }).inventory();
    const again = over(() => held, { table });
    await again.inventory();
    expect(again.detailReads()).toBe(calls);
  });

  test.each([
    [
      'auto',
      {
        issuer: { name: 'DigiCert' },
        lifetime_actions: [{ action: { action_type: 'AutoRenew' }, trigger: {} }],
      },
    ],
    [
      'none',
      {
        issuer: { name: 'Unknown' },
        lifetime_actions: [{ action: { action_type: 'AutoRenew' }, trigger: {} }],
      },
    ],
    [
      'notify-only',
      {
        issuer: { name: 'Unknown' },
        lifetime_actions: [{ action: { action_type: 'EmailContacts' }, trigger: {} }],
      },
    ],
    ['none', {}],
  ] as const)('says that a certificate is renewed %s by %j', async (renewal, policy) => {
    const vault = over(() => ({ a: { certificate: one, expiresInDays: 200, policy } }));
    expect((await vault.inventory()).certificates[0]?.details?.renewal).toBe(renewal);
  });

  test.each([
    ['is new', 200],
    ['soon expires, and so is read anew each time', 10],
  ])('is read in several calls where much of it %s; each goes on', async (_, expiresInDays) => {
    const held = Object.fromEntries(
      ['c', 'a', 'b'].map((name) => [name, { certificate: one, expiresInDays }]),
    );
    const vault = over(() => held, { detailsAtOnce: 2 });
    // As it is kept between two calls.
    const listing = JSON.parse(JSON.stringify(await vault.list())) as VaultListing;
    await expect(vault.read(listing)).resolves.toEqual({ kind: 'part', after: 'b' });
    const last = await vault.read(listing, 'b');
    if (last.kind !== 'whole') throw new Error('There is more of it.');
    const { certificates } = last.inventory;
    expect(certificates.map(({ name }) => name)).toEqual(['c', 'a', 'b']);
    expect(certificates.every(({ details }) => details !== undefined)).toBe(true);
    expect(vault.lists()).toBe(1);
    expect(vault.detailReads()).toBe(3);
  });

  test('is done where the rest may not be read either', async () => {
    const names = ['a', 'b', 'c'].map((name) => [name, { certificate: one, expiresInDays: 200 }]);
    const vault = over(() => Object.fromEntries(names) as Record<string, Held>, {
      detailsAtOnce: 2,
      bend: ({ path }) => (/^\/certificates\/./.test(path) ? refuse(403, 'Forbidden') : undefined),
    });
    await expect(vault.read(await vault.list())).resolves.toMatchObject({ kind: 'whole' });
  });

  test('has all the others where one certificate cannot be read, and a gap', async () => {
    const held = Object.fromEntries(
      Array.from({ length: 150 }, (_, at) => [
        `c${String(at)}`,
        { certificate: one, expiresInDays: 200 },
      ]),
    );
    const vault = over(() => held, {
      bend: ({ path }) =>
        path.startsWith('/certificates/c7/')
          ? { ...refuse(503, 'X'), headers: { 'retry-after': '0' } }
          : undefined,
    });
    const inventory = await vault.inventory();
    expect(inventory.gaps).toMatchObject([{ code: 'AZURE_UNAVAILABLE' }]);
    const without = inventory.certificates.filter(({ details }) => details === undefined);
    expect(without.map(({ name }) => name)).toEqual(['c7']);
  });

  test('does not know of deleted ones where Certkeeper may not list them', async () => {
    const vault = over(() => ({}), {
      bend: ({ path }) => (path === '/deletedcertificates' ? refuse(403, 'Forbidden') : undefined),
    });
    expect(await vault.inventory()).not.toHaveProperty('deleted');
  });

  test('has a gap where the certificates themselves may not be read, after one of them', async () => {
    const held = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [
        `c${String(at)}`,
        { certificate: one, expiresInDays: 200 },
      ]),
    );
    const vault = over(() => held, {
      bend: ({ path }) => (/^\/certificates\/./.test(path) ? refuse(403, 'Forbidden') : undefined),
    });
    const inventory = await vault.inventory();
    expect(inventory.gaps).toMatchObject([{ code: 'CERTKEEPER_PERMISSION_MISSING' }]);
    expect(inventory.certificates).toHaveLength(300);
    expect(vault.detailReads()).toBeLessThan(20);
  });

  test('has the rest where one certificate is gone since it was listed, or may not be looked at', async () => {
    const vault = over(
      () => ({
        a: { certificate: one, expiresInDays: 200 },
        b: { certificate: other, expiresInDays: 200 },
        c: { certificate: other, expiresInDays: 200, enabled: false },
      }),
      {
        bend: ({ path }) => {
          if (path.startsWith('/certificates/a')) return refuse(404, 'CertificateNotFound');
          if (path.startsWith('/certificates/c'))
            return refuse(403, 'Forbidden', 'It is disabled.');
          return undefined;
        },
      },
    );
    const inventory = await vault.inventory();
    expect(inventory.gaps).toBeUndefined();
    expect(inventory.certificates.map(({ details }) => details !== undefined)).toEqual([
      false,
      true,
      false,
    ]);
  });

  test('says whether the file has its chain where that was noted for this very version', async () => {
    const table = makeMemoryTable();
    const held = { a: { certificate: one, expiresInDays: 200 } };
    const source = { vault: 'contoso-kv', name: 'a' };
    const chain = async () =>
      (await over(() => held, { table }).inventory()).certificates[0]?.details?.chain;
    expect(await chain()).toBeUndefined();
    await makeChainNotes(table).note(source, other.thumbprint, 'complete');
    expect(await chain()).toBeUndefined();
    await makeChainNotes(table).note(source, one.thumbprint, 'incomplete');
    expect(await chain()).toBe('incomplete');
  });

  test('forgets what is gone', async () => {
    const table = makeMemoryTable();
    await over(() => ({ a: { certificate: one, expiresInDays: 200 } }), { table }).inventory();
    await makeChainNotes(table).note(
      { vault: 'contoso-kv', name: 'a' },
      one.thumbprint,
      'complete',
    );
    await over(() => ({}), { table }).inventory();
    const rows = [];
    for await (const row of table.list()) rows.push(row);
    expect(rows).toEqual([]);
  });

  test('is not there when the vault cannot be listed', async () => {
    const vault = over(() => ({}), {
      bend: ({ path }) =>
        path === '/certificates'
          ? { ...refuse(503, 'X'), headers: { 'retry-after': '0' } }
          : undefined,
    });
    await expect(vault.list()).rejects.toBeInstanceOf(TransientError);
  });
});
