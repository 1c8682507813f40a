/** Facts of any kind for properties: small worlds in which names, thumbprints and keys meet often. */
import fc from 'fast-check';
import type { AuditFacts } from '../../../shared/domain/audit/audit-facts.ts';
import type {
  InstalledPart,
  ServiceInventory,
  VaultCertificate,
  VaultInventory,
} from '../../../shared/domain/audit/inventory.ts';
import { REPEATED_CODES } from '../../../shared/domain/audit/finding-codes.ts';
import type { AccessRecord } from '../../../shared/domain/access-record.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import type { Orphan } from '../../../shared/domain/cleanup.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import type { LedgerEntry } from '../../../shared/domain/ledger-ports.ts';
import type { Source } from '../../../shared/domain/source.ts';
import { targetKey, type Target } from '../../../shared/domain/target.ts';
import type { Reference } from '../../../shared/domain/target-state.ts';
import { makeLooks } from '../domain-samples.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';
import { inDays, makeDetails, makeFacts } from './make-facts.ts';

const VAULTS = ['contoso-kv', 'legacy-kv'];
const SERVICES = ['contoso-gw', 'contoso-shop'];
const NAMES = ['alpha', 'beta', 'gamma'];
const TIERS = ['Premium', 'Developer', 'StandardV2', 'Consumption'];

const text = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ maxLength: 40 }));
const thumbprint = fc.constantFrom('1', '2', '3', '4').map((one) => one.repeat(40));
const day = fc.constantFrom(-20, -1, 3, 10, 20, 45, 200).map(inDays);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

const source: fc.Arbitrary<Source> = fc.record({
  vault: fc.constantFrom(...VAULTS),
  name: fc.constantFrom(...NAMES),
});

const problem: fc.Arbitrary<Problem> = fc.record(
  {
    code: fc.constantFrom<Problem['code']>(
      ...REPEATED_CODES,
      'AZURE_REFUSED',
      'AZURE_UNAVAILABLE',
      'SOURCE_NOT_FOUND',
    ),
    message: text,
    resource: fc.constantFrom('/subscriptions/s', 'contoso-kv/alpha', 'contoso-gw'),
    cure: text,
  },
  { requiredKeys: ['code', 'message'] },
);

const tags = fc.dictionary(
  fc.constantFrom('owner', 'certkeeper-ack', 'certkeeper-ack-2'),
  fc.oneof(
    text,
    fc.constant('USED_BY_NOTHING until 2027-01-31: later; EXPIRED until 2026-12-24: x'),
  ),
  { maxKeys: 3 },
);

const vaulted: fc.Arbitrary<VaultCertificate> = fc
  .record({
    name: fc.constantFrom(...NAMES),
    enabled: fc.boolean(),
    thumbprint,
    expiresAt: day,
    createdAt: day,
    tags,
    subject: text,
    known: fc.boolean(),
    renewal: fc.constantFrom('auto' as const, 'none' as const),
    chain: fc.constantFrom('complete' as const, 'incomplete' as const),
    key: fc.constantFrom('k1', 'k2'),
  })
  .map(({ subject, known, renewal, chain, key, ...one }) => ({
    ...one,
    resourceId: `https://kv.vault.azure.net/certificates/${one.name}`,
    version: `v-${one.thumbprint}`,
    ...(known
      ? {
          details: makeDetails({
            ...{ renewal, chain, publicKeyDigest: key },
            looks: makeLooks({ subject, thumbprint: one.thumbprint, notAfter: one.expiresAt }),
          }),
        }
      : {}),
  }));

function unique<T>(of: fc.Arbitrary<T>, selector: (one: T) => string) {
  return fc.uniqueArray(of, { selector, maxLength: 4 });
}

const vault = (name: string): fc.Arbitrary<VaultInventory> =>
  fc
    .record({
      certificates: unique(vaulted, (one) => one.name),
      deleted: fc.subarray(NAMES),
      unreadable: maybe(problem),
      gaps: fc.array(problem, { maxLength: 1 }),
    })
    .map(({ deleted, unreadable, ...one }) => ({
      ...{ kind: 'vault' as const, name, resourceId: `/vaults/${name}`, readAt: inDays(0) },
      ...one,
      deleted: deleted.map((gone) => ({ name: gone })),
      ...(unreadable && { unreadable }),
    }));

const reference: fc.Arbitrary<Reference> = fc.oneof(
  fc.constant<Reference>({ kind: 'uploaded' }),
  text.map((identifier): Reference => ({ kind: 'foreign', identifier })),
  fc.tuple(source, maybe(fc.constant('v1'))).map(([from, version]): Reference => ({
    kind: 'key-vault',
    secret: { source: from, collection: 'secrets', ...(version && { version }) },
  })),
);

/** Ids as hostile as API Management lets them be. */
const certificateId = fc.constantFrom('alpha', 'beta', "=cmd|'x'!A0", '"><b>', '\u202Eid');

const installed: fc.Arbitrary<InstalledPart> = fc
  .record({
    id: certificateId,
    reference,
    thumbprint: maybe(thumbprint),
    subject: maybe(text),
    expiresAt: maybe(day),
    lastFailure: maybe(fc.record({ code: text, message: text })),
  })
  .map(({ id, reference: from, ...rest }) => ({
    ...{ id, reference: from, resourceId: `/certificates/${encodeURIComponent(id)}` },
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
  }));

const verdicts = fc.constantFrom('in-use' as const, 'may-be-in-use' as const, 'unused' as const);

const service = (name: string): fc.Arbitrary<ServiceInventory> =>
  fc
    .record({
      tier: fc.constantFrom(...TIERS),
      clients: unique(installed, (one) => one.id),
      team: unique(installed, (one) => one.id),
      ca: unique(
        fc.record({
          store: fc.constant('Root' as const),
          thumbprint,
          subject: text,
          expiresAt: day,
        }),
        (one) => one.thumbprint,
      ),
      hostnames: unique(
        fc.record({
          hostName: fc.constantFrom('a.contoso.com', 'b.contoso.com'),
          type: fc.constant('Proxy'),
          thumbprint,
          expiresAt: day,
          certificateSource: fc.constantFrom('KeyVault', 'Custom', 'Managed'),
          reference,
        }),
        (one) => one.hostName,
      ),
      uses: maybe(fc.dictionary(certificateId, verdicts)),
      byThumbprint: fc.array(text, { maxLength: 2 }),
      unreadable: fc.oneof(
        { weight: 5, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: problem },
      ),
      gaps: fc.array(problem, { maxLength: 1 }),
    })
    .map(({ team, uses, byThumbprint, unreadable, ...one }) => ({
      ...{ kind: 'service' as const, name, resourceId: `/services/${name}`, readAt: inDays(0) },
      ...one,
      workspaces: [{ name: 'team-a', certificates: team }],
      gateways: [
        {
          ...{ name: 'shop', resourceId: `/services/${name}/gateways/shop`, authorities: [] },
          hostnames: [{ id: 'h', hostName: 'shop', certificateId: 'alpha' }],
        },
      ],
      ...(uses && {
        usage: {
          asOf: inDays(-0.1),
          of: Object.fromEntries(
            Object.entries(uses).map(([id, verdict]) => [
              `${name}/certificates/${id}`,
              { verdict, references: 1, byThumbprint, byThumbprintCount: byThumbprint.length },
            ]),
          ),
        },
      }),
      ...(unreadable && { unreadable }),
    }));

const target: fc.Arbitrary<Target> = fc.oneof(
  fc.record({
    kind: fc.constant('client-certificate' as const),
    service: fc.constantFrom(...SERVICES),
    id: certificateId,
  }),
  fc.record({
    kind: fc.constant('workspace-certificate' as const),
    service: fc.constantFrom(...SERVICES),
    workspace: fc.constant('team-a'),
    id: certificateId,
  }),
  fc.constant<Target>({ kind: 'entra-application', appId: '1'.repeat(8) }),
);

const kept = (of: Source) =>
  fc
    .record({
      target,
      origin: fc.constantFrom('tag' as const, 'http' as const, 'discovered' as const),
      status: fc.constantFrom('verified' as const, 'blocked' as const, 'pending' as const),
      problem: maybe(problem),
      verified: fc.boolean(),
      access: maybe(fc.tuple(fc.constantFrom('blocks' as const, 'may-block' as const), problem)),
      orphan: maybe(day),
    })
    .map(({ target: at, problem: why, verified, access, orphan, ...one }) => ({
      binding: {
        ...{ source: of, target: at, claimed: true, versionless: true },
        ...one,
        ...(why && { problem: why }),
        ...(verified && { verifiedAt: inDays(-4) }),
      } satisfies Binding,
      access: access && toAccess(at, ...access),
      orphan: orphan === undefined ? undefined : toOrphan(at, orphan),
    }));

function toAccess(at: Target, verdict: 'blocks' | 'may-block', why: Problem): AccessRecord {
  const told = verdict === 'blocks' ? [why.code] : [];
  return { target: at, verdict, problems: [why], checkedAt: inDays(-1), since: inDays(-2), told };
}

function toOrphan(at: Target, removeAfter: string): Orphan {
  const seen = { since: inDays(-3), seenAt: inDays(-1), told: true };
  return { target: at, fate: 'purged', ...seen, removeAfter };
}

const entry: fc.Arbitrary<LedgerEntry> = source.chain((of) =>
  fc
    .record({
      bindings: unique(kept(of), ({ binding }) => targetKey(binding.target)),
      problems: fc.array(problem, { maxLength: 1 }),
    })
    .map(({ bindings, problems }) => ({
      record: { source: of, problems },
      bindings: bindings.map(({ binding }) => binding),
      access: bindings.flatMap(({ access }) => access ?? []),
      orphans: bindings.flatMap(({ orphan }) => orphan ?? []),
    })),
);

export const anyFacts: fc.Arbitrary<AuditFacts> = fc
  .record({
    vaults: fc.tuple(...VAULTS.map(vault)),
    services: fc.tuple(...SERVICES.map(service)),
    ledger: fc.uniqueArray(entry, {
      selector: ({ record }) => `${record.source.vault}/${record.source.name}`,
      maxLength: 4,
    }),
  })
  .map((world) => makeFacts(world));
