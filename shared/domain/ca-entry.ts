/**
 * A service's CA certificates. They are no resources of their own: they are an array in the service,
 * written as a whole, of entries that are known by store and thumbprint.
 */

/** The two stores: roots, and what roots have issued. */
export const CA_STORES = ['Root', 'CertificateAuthority'] as const;
export type CaStore = (typeof CA_STORES)[number];

/** CA certificates that a service may hold, in both stores together ("API Management limits"). */
export const CA_LIMIT = 10;

/** Where an entry stands. The same certificate in both stores is two entries. */
export interface CaPlace {
  readonly store: CaStore;
  /** SHA-1, 40 upper-case hex digits. */
  readonly thumbprint: string;
}

/** An entry as it is shown. */
export interface CaEntry extends CaPlace {
  readonly subject: string;
  /** ISO 8601, UTC. */
  readonly expiresAt?: string;
}

/** Names may be of any length; a row and a page hold many of them. */
const LONGEST_NAME = 200;

/** A name as it is kept. */
export function cutName(name: string): string {
  return name.slice(0, LONGEST_NAME);
}

/** The entry alone of what is more than that, such as a change. */
export function entryOf({ store, thumbprint, subject, expiresAt }: CaEntry): CaEntry {
  return { store, thumbprint, subject, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

/** `Root/{thumbprint}`: what makes an entry one and no other. */
export function caKey({ store, thumbprint }: CaPlace): string {
  return `${store}/${thumbprint}`;
}

/** An entry in words. One that says nothing of its certificate has no thumbprint. */
export function nameCa({ store, thumbprint, subject }: CaEntry): string {
  const shown = subject === '' ? '' : ` (${subject.slice(0, 120)})`;
  return thumbprint === ''
    ? `an entry of ${store} without a thumbprint${shown}`
    : `${store}/${thumbprint}${shown}`;
}

/** What was read of a service's CA certificates at one moment. */
export interface CaStoreObservation {
  /** ARM id of the service. */
  readonly serviceId: string;
  /** As Azure names it, e.g. `Premium`, `StandardV2`. */
  readonly tier: string;
  /** `provisioningState`: whether the service is being changed. */
  readonly state: string;
  /** In the service's order. */
  readonly entries: readonly CaEntry[];
}
