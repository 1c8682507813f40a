import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TestPrincipal } from './principal.ts';

/** Texts that stand for a principal; good for as long as the host runs. */
export interface Tickets {
  readonly issue: (principal: TestPrincipal) => string;
  /** Undefined for what this host has not issued. */
  readonly read: (ticket: string) => TestPrincipal | undefined;
}

/** A ticket is `{principal}.{signature}`, both base64url, under a key that nobody keeps. */
export function makeTickets(): Tickets {
  const key = randomBytes(32);
  const sign = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  return {
    issue: ({ name, roles }) => {
      const text = Buffer.from(JSON.stringify({ name, roles })).toString('base64url');
      return `${text}.${sign(text).toString('base64url')}`;
    },
    read: (ticket) => {
      const [text = '', signature = ''] = ticket.split('.');
      const given = Buffer.from(signature, 'base64url');
      const wanted = sign(text);
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
      // Nothing else than `issue` makes a text with this signature.
      return JSON.parse(Buffer.from(text, 'base64url').toString()) as TestPrincipal;
    },
  };
}
