/** A service in which everything is used, and whether its index says what a scan of it finds. */
import type { CertificateReference } from '../../shared/domain/certificate-use.ts';
import { CLIENT, IN_TEAM, makeUsageKit, type UsageKit } from './usage-kit.ts';
import { fill, policyBy, THUMBPRINT } from './usage-sample.ts';

export const SOURCE = { vault: 'contoso-kv', name: 'api-contoso-com' };
export const BY_ID = policyBy('certificate-id="client"');

/** The service with everything in it, of which one call of the index makes so many calls. */
export function filled(callsAtOnce?: number): UsageKit {
  const kit = makeUsageKit(callsAtOnce);
  fill(kit.service);
  return kit;
}

const sorted = (references: readonly CertificateReference[] | undefined) =>
  references?.map((one) => JSON.stringify(one)).sort();
/** The documents that refer to a target, as the index has them. */
export const documentsOf = async ({ index }: UsageKit, target = CLIENT) =>
  (await index.of(target, []))?.references.map(({ document }) => document);

/** What the index says is what a scan finds. */
export async function expectAgreement({ index, scanner }: UsageKit): Promise<void> {
  const usage = await scanner.scan('gw');
  for (const target of [CLIENT, IN_TEAM]) {
    const indexed = await index.of(target, [THUMBPRINT]);
    expect(sorted(indexed?.references)).toEqual(sorted(usage.of(target, [THUMBPRINT])));
  }
  const indexed = await index.ofSource('gw', SOURCE);
  expect(sorted(indexed?.references)).toEqual(sorted(usage.ofSource(SOURCE)));
}
