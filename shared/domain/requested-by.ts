/** Who asked for something, as it is stored. */
export type RequestedBy =
  /** A person or an application that signed in. */
  | { readonly kind: 'entra'; readonly id: string; readonly name?: string }
  /** Somebody who holds a function key: there are no identities in that mode. */
  | { readonly kind: 'function-key' }
  /** Nobody: an event of the platform, or the schedule. */
  | { readonly kind: 'platform' };
