import type { Mention, Naming } from '../domain/certificate-use.ts';
import { namedInValue } from './named-in-value.ts';
import { OF_CERTIFICATES } from './named-in-text.ts';
import { readValue } from './read-value.ts';
import { scanPolicy } from './scan-policy.ts';

/**
 * What the value of a named value mentions, whoever uses it: it may be an expression, a list of
 * thumbprints, or a piece of a policy, since it is put in before the policy is read. None of it can
 * be replaced there by an id.
 */
export function scanNamedValue(value: string): readonly Mention[] {
  if (!value.includes('<')) return inText(value);
  const { mentions, unreadable } = scanPolicy(`<fragment>${value}</fragment>`);
  const told = mentions.map((one) => ({ ...one, at: `value: ${one.at}`, repairable: false }));
  if (unreadable === undefined) return told;
  const mayBeAny = OF_CERTIFICATES.test(value) ? [mention('value', { kind: 'expression' })] : [];
  return [...told, ...inText(value), ...mayBeAny];
}

function inText(value: string): readonly Mention[] {
  return readValue(value, '<').flatMap((read) =>
    namedInValue(read).map(({ naming, doubtful }) => ({
      ...mention('value', naming),
      ...(doubtful === true ? { doubtful } : {}),
    })),
  );
}

function mention(at: string, naming: Naming): Mention {
  return { at, naming, repairable: false };
}
