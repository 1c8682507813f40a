/** What an audit of many certificates would have read, made up: half of them in vaults, half at services. */
import type { InventoryPart, VaultCertificate } from '../shared/domain/audit/inventory.ts';
import type { LedgerEntry } from '../shared/domain/ledger-ports.ts';

/** Certificates of each vault, and of the one service that holds all of them. */
const CERTIFICATES = 1_000;
/** One of so many has another version in the audit that comes later. */
const ROTATES = 100;
const AT = '2026-11-28T02:00:00.000Z';
const DAY_MS = 86_400_000;

/** Names of the vaults and services whose certificates make so many rows of a report. */
export function careOf(rows: number) {
  const names = Array.from({ length: Math.ceil(rows / (2 * CERTIFICATES)) }, (_, at) => String(at));
  return {
    vaults: names.map((at) => ({ name: vaultOf(at), id: vaultId(at) })),
    services: names.map((at) => ({ name: serviceOf(at), id: serviceId(at) })),
  };
}

/** @param later of the later one of two audits */
export function* partsOf(rows: number, later: boolean): Generator<InventoryPart> {
  for (let at = 0; at < rows / (2 * CERTIFICATES); at += 1) {
    const seeds = Array.from({ length: CERTIFICATES }, (_, one) => at * CERTIFICATES + one);
    const name = String(at);
    yield {
      ...{ kind: 'vault', name: vaultOf(name), resourceId: vaultId(name), readAt: AT, deleted: [] },
      certificates: seeds.map((seed) => makeVaulted(name, seed, later)),
    };
    yield {
      ...{ kind: 'service', name: serviceOf(name), resourceId: serviceId(name), readAt: AT },
      ...{ tier: 'Premium', workspaces: [], ca: [], hostnames: [], gateways: [], gaps: [] },
      clients: seeds.map((seed) => ({
        id: nameOf(seed),
        resourceId: `${serviceId(name)}/certificates/${nameOf(seed)}`,
        reference: {
          kind: 'key-vault',
          secret: { source: sourceOf(name, seed), collection: 'secrets' },
        },
        thumbprint: thumbprintOf(seed, later),
        expiresAt: expiryOf(seed),
      })),
      usage: {
        asOf: AT,
        of: Object.fromEntries(
          seeds.map((seed) => [
            `${serviceOf(name)}/certificates/${nameOf(seed)}`,
            { verdict: 'in-use', references: 2, byThumbprint: [], byThumbprintCount: 0 },
          ]),
        ),
      },
    };
  }
}

/** Every certificate of a vault is bound to its service. */
export async function* ledgerOf(rows: number, later: boolean): AsyncGenerator<LedgerEntry> {
  for (let at = 0; at < rows / (2 * CERTIFICATES); at += 1) {
    for (let one = 0; one < CERTIFICATES; one += 1) {
      const seed = at * CERTIFICATES + one;
      const source = sourceOf(String(at), seed);
      await Promise.resolve();
      yield {
        record: {
          ...{ source, problems: [], version: digits(seed + 3, 32) },
          thumbprint: thumbprintOf(seed, later),
        },
        bindings: [
          {
            ...{ source, origin: 'tag', claimed: true, status: 'verified', versionless: true },
            target: {
              ...{ kind: 'client-certificate', service: serviceOf(String(at)) },
              id: nameOf(seed),
            },
            targetThumbprint: thumbprintOf(seed, later),
            verifiedVersion: digits(seed + 3, 32),
            ...{ verifiedAt: AT, changedAt: AT },
          },
        ],
      };
    }
  }
}

function makeVaulted(vault: string, seed: number, later: boolean): VaultCertificate {
  const name = nameOf(seed);
  const thumbprint = thumbprintOf(seed, later);
  return {
    name,
    resourceId: `https://${vaultOf(vault)}.vault.azure.net/certificates/${name}`,
    ...{ enabled: true, thumbprint, version: digits(seed + 3, 32), createdAt: AT },
    expiresAt: expiryOf(seed),
    tags: { owner: `team-${String(seed % 25)}` },
    details: {
      looks: {
        subject: `CN=${name}.contoso.com, O=Contoso`,
        sans: [`DNS:${name}.contoso.com`],
        issuer: 'CN=Contoso Issuing CA 1, O=Contoso',
        serialNumber: digits(seed + 1, 32),
        thumbprint,
        notBefore: AT,
        notAfter: expiryOf(seed),
        ...{ keyType: 'RSA', keySize: 2_048, signatureAlgorithm: 'sha256WithRSAEncryption' },
        ...{ keyUsage: ['digitalSignature'], extendedKeyUsage: ['clientAuth'] },
      },
      publicKeyDigest: digits(seed + 2, 64),
      ...{ selfSigned: false, renewal: 'none', chain: 'complete' },
    },
  };
}

const vaultOf = (at: string): string => `bench-${at}-kv`;
const serviceOf = (at: string): string => `bench-${at}-gw`;
const nameOf = (seed: number): string => `certificate-${String(seed)}`;
const sourceOf = (at: string, seed: number) => ({ vault: vaultOf(at), name: nameOf(seed) });
const GROUP = '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers';
const vaultId = (at: string): string => `${GROUP}/Microsoft.KeyVault/vaults/${vaultOf(at)}`;
const serviceId = (at: string): string =>
  `${GROUP}/Microsoft.ApiManagement/service/${serviceOf(at)}`;

function expiryOf(seed: number): string {
  return new Date(Date.parse(AT) + (1 + ((seed * 7_919) % 700)) * DAY_MS).toISOString();
}

function thumbprintOf(seed: number, later: boolean): string {
  return digits(seed + (later && seed % ROTATES === 0 ? 1e9 : 0), 40).toUpperCase();
}

/** Digits without a pattern that would pack better than those of real certificates do. */
export function digits(seed: number, length: number): string {
  let state = (seed + 1) * 2_654_435_761;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 28).toString(16);
  }).join('');
}
