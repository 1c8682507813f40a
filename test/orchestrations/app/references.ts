/** What refers to a certificate by its thumbprint, and what the activities say of it. */
import type { Breaking } from '../../../shared/domain/breaking.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import { bound, thumb } from './sync-world.ts';

export const reference = (more: Partial<CertificateReference> = {}): CertificateReference => ({
  document: 'apis/orders/policies/policy',
  kind: 'policy',
  at: 'inbound/authentication-certificate/@thumbprint, line 4',
  by: 'thumbprint',
  certainty: 'certain',
  repairable: true,
  ...more,
});
export const ofNamedValue = reference({
  document: 'namedValues/client-thumbprint',
  kind: 'named-value',
  at: 'value',
});
export const breaking = (...references: CertificateReference[]): Breaking => ({
  thumbprints: [thumb(1)],
  asOf: '2026-11-21T10:00:00.000Z',
  references,
});
export const referred = (id = 'a', ...references: CertificateReference[]) =>
  bound(id, 1, { breaking: breaking(...(references.length > 0 ? references : [reference()])) });
export const found = (...references: CertificateReference[]) => ({
  kind: 'scanned',
  ...(references.length === 0 ? {} : { breaking: breaking(...references) }),
  repairable: references.some(({ repairable }) => repairable),
  namedValues: false,
});
/** What a call of a repair leaves to the next one. */
export const LEFT = { document: 'b', kind: 'policy', thumbprint: thumb(1) };
export const repaired = (documents: string[], more: object = {}) => ({
  kind: 'repaired',
  documents,
  problems: [],
  ...more,
});

/** What the calls of one activity were given. */
export const inputsOf = (calls: readonly { name: string; input: unknown }[], name: string) =>
  calls.filter((one) => one.name === name).map(({ input }) => input);
