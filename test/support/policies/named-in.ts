import { scanPolicy } from '../../../shared/policies/scan-policy.ts';

/** Real looking, and told apart by their first sign. */
export const A = 'CA06F56B258B7A0D4F2B05470939478651151984';
export const B = 'B0B6F56B258B7A0D4F2B05470939478651151985';

/** What a readable policy names, one line each: `id my-cert`, `expression`, `thumbprint … repairable`. */
export function namedIn(text: string): readonly string[] {
  const { mentions, unreadable } = scanPolicy(text);
  expect(unreadable).toBeUndefined();
  return mentions.map(({ naming, repairable }) => {
    const said = 'text' in naming ? `${naming.kind} ${naming.text}` : naming.kind;
    return repairable ? `${said} repairable` : said;
  });
}

/** Where it is named. */
export function placesIn(text: string): readonly string[] {
  return scanPolicy(text).mentions.map(({ at }) => at);
}

/** A policy with this in its section `inbound`. */
export function inbound(content: string): string {
  return `<policies><inbound><base />${content}</inbound></policies>`;
}
