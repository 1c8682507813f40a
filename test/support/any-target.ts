import fc from 'fast-check';
import type { Source } from '../../shared/domain/source.ts';
import type { Target } from '../../shared/domain/target.ts';

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');
const DIGITS = Array.from('0123456789');

/** A label as DNS and the services' names have it: letters, digits, hyphens within. */
const label = (longest: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: fc.constantFrom(...LETTERS, ...DIGITS, '-'), maxLength: longest - 2 })
    .map((middle) => `a${middle}z`);

/** An id that API Management allows in a path, dots and unusual letters included. */
const id = fc
  .string({
    unit: fc.constantFrom(...LETTERS, ...DIGITS, 'A', 'Z', '.', '-', '_', '~', '%', 'é', 'İ', "'"),
    minLength: 1,
    maxLength: 80,
  })
  .filter((text) => text !== '.' && text !== '..');
const service = label(50).filter((name) => name !== 'entra' && name !== 'classic');
const lowered = id.map((text) => text.toLowerCase()).filter((text) => text.length <= 80);

/** Any target that a path can name, as `parseTarget` gives it. */
export const anyTarget: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ kind: fc.constant('client-certificate' as const), service, id }),
  fc.record({
    kind: fc.constant('workspace-certificate' as const),
    service,
    workspace: lowered,
    id,
  }),
  fc.record({
    kind: fc.constant('ca-certificate' as const),
    service,
    store: fc.constantFrom('Root' as const, 'CertificateAuthority' as const),
  }),
  fc.record({
    kind: fc.constant('hostname' as const),
    service,
    hostname: fc
      .tuple(fc.constantFrom('', '*.'), label(20), label(20))
      .map(([star, host, domain]) => `${star}${host}.${domain}`),
  }),
  fc.record({ kind: fc.constant('gateway-ca' as const), service, gateway: lowered }),
  fc.record({ kind: fc.constant('entra-application' as const), appId: fc.uuid() }),
  fc.record({ kind: fc.constant('classic-management' as const), subscriptionId: fc.uuid() }),
);

/** Any source that Key Vault's rules allow. */
export const anySource: fc.Arbitrary<Source> = fc.record({
  vault: label(23).map((name) => `k${name}`),
  name: fc.string({
    unit: fc.constantFrom(...LETTERS, ...DIGITS, '-'),
    minLength: 1,
    maxLength: 127,
  }),
});
