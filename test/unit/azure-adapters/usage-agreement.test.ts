/** Whatever a service holds and whatever is done to it, the index says what a scan finds. */
import fc from 'fast-check';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import { CLIENT, IN_TEAM, makeUsageKit, type UsageKit } from '../../support/usage-kit.ts';
import { EMPTY_POLICY, policyBy, THUMBPRINT } from '../../support/usage-sample.ts';

const RUNS = Number(process.env['CERTKEEPER_PROPERTY_RUNS'] ?? 60);

const POLICIES = [
  EMPTY_POLICY,
  policyBy('certificate-id="client"'),
  policyBy('certificate-id="{{nv}}"'),
  policyBy(`thumbprint="${THUMBPRINT}"`),
  policyBy('thumbprint="@(context.Variables[&quot;which&quot;])"'),
  '<policies><inbound>',
];
const PROPERTIES = [
  { credentials: { certificateIds: ['client'] } },
  { credentials: { certificate: [THUMBPRINT] } },
  {},
];
const VALUES = [
  { value: 'client' },
  { value: THUMBPRINT },
  { value: 'something' },
  { secret: true },
  { keyVault: { secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/c' } },
];

const prefix = fc.constantFrom('', 'workspaces/Team-A/');
const api = fc.constantFrom('apis/A', 'apis/A;rev=2', 'apis/b');
const ownerPath = fc.oneof(
  fc.constant(''),
  api.map((one) => `${one}/`),
  fc.tuple(api, fc.constantFrom('get', 'Put')).map(([one, op]) => `${one}/operations/${op}/`),
  fc.constant('products/p/'),
);

type Change = (kit: UsageKit) => void;
/** Something that is put is put with everything that it belongs to. */
function putWithOwners({ service }: UsageKit, path: string, put: () => void): void {
  const parts = path.split('/');
  for (let at = 2; at < parts.length; at += 2) {
    const owner = parts.slice(0, at).join('/');
    if (!service.has(owner)) service.put(owner, { type: 'http' });
    // A revision without its API is none.
    const root = owner.replace(/;rev=\d+$/, '');
    if (!service.has(root)) service.put(root, { type: 'http' });
  }
  put();
}

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(prefix, ownerPath, fc.constantFrom(...POLICIES)).map(([before, owner, text]): Change => {
    const path = `${before}${owner}policies/policy`;
    return (kit) => putWithOwners(kit, path, () => kit.service.policy(path, text));
  }),
  fc.tuple(prefix, fc.constantFrom(...POLICIES)).map(([before, text]): Change => {
    const path = `${before}policyFragments/f`;
    return (kit) => putWithOwners(kit, path, () => kit.service.policy(path, text));
  }),
  fc
    .tuple(prefix, fc.constantFrom('x', 'Y'), fc.constantFrom(...PROPERTIES))
    .map(([before, name, properties]): Change => {
      const path = `${before}backends/${name}`;
      return (kit) => putWithOwners(kit, path, () => kit.service.put(path, properties));
    }),
  fc.tuple(prefix, fc.constantFrom(...VALUES)).map(([before, value]): Change => {
    const path = `${before}namedValues/nv`;
    const put = { displayName: 'nv', ...value };
    return (kit) => putWithOwners(kit, path, () => kit.service.put(path, put));
  }),
  fc.tuple(prefix, api).map(([before, one]): Change => {
    return ({ service }) => {
      // An API goes with its revisions.
      for (const gone of one.includes(';') ? [one] : [one, `${one};rev=2`]) {
        service.remove(`${before}${gone}`);
      }
    };
  }),
  fc.tuple(prefix, ownerPath).map(([before, owner]): Change => {
    return ({ service }) => service.remove(`${before}${owner}policies/policy`);
  }),
  fc.constantFrom('workspaces/Team-A', 'products/p', 'backends/x', 'namedValues/nv').map(
    (path): Change =>
      ({ service }) =>
        service.remove(path),
  ),
);

const sorted = (references: readonly CertificateReference[] | undefined) =>
  references?.map((one) => JSON.stringify(one)).sort();

test('the index agrees with a scan after every round', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(change, { maxLength: 12 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom(1, 6, 40, 1_000),
      // What Azure's list of policies holds is documented poorly; that it goes on holding it is taken.
      fc.constantFrom<[string, (path: string) => boolean]>(
        ['nothing', () => false],
        ['everything', () => true],
        ['those of no workspace', (path) => !path.startsWith('workspaces/')],
        ['current ones', (path) => !/;rev=|^workspaces/.test(path)],
      ),
      async (rounds, callsAtOnce, [, lists]) => {
        const kit = makeUsageKit(callsAtOnce);
        kit.service.lists = lists;
        kit.service.page = 2;
        kit.service.put('certificates/client');
        for (const changes of rounds) {
          for (const apply of changes) apply(kit);
          await kit.round();
          const usage = await kit.scanner.scan('gw');
          for (const target of [CLIENT, IN_TEAM]) {
            const indexed = await kit.index.of(target, [THUMBPRINT]);
            expect(sorted(indexed?.references)).toEqual(sorted(usage.of(target, [THUMBPRINT])));
          }
          const source = { vault: 'contoso-kv', name: 'c' };
          const indexed = await kit.index.ofSource('gw', source);
          expect(sorted(indexed?.references)).toEqual(sorted(usage.ofSource(source)));
        }
      },
    ),
    { numRuns: RUNS },
  );
});
