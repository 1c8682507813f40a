import fc from 'fast-check';
import { nameKey, readName } from '../../../shared/domain/audit/distinguished-name.ts';
import { count, shellWord, someOf } from '../../../shared/domain/audit/wording.ts';
import { sayExpiry } from '../../../shared/domain/audit/expiry.ts';
import { publicIssuers } from '../../../shared/certificates/public-issuers.ts';
import { runCommand } from '../../support/audit/run-shell.ts';
import { inDays, READ_AT } from '../../support/audit/make-facts.ts';

describe('The name of a subject or issuer', () => {
  test.each([
    ['the order of its parts', 'CN=Root, O=Contoso, C=US', 'C=US, O=Contoso, CN=Root'],
    ['quotes or backslashes', 'O="Contoso, Inc.", CN=a', String.raw`CN=a, O=Contoso\, Inc.`],
    ['a doubled quote', 'O="Contoso ""X"""', String.raw`O=Contoso \"X\"`],
    ['case', 'CN=ROOT', 'cn=root'],
    ['blanks', 'CN=Contoso  Root,O=C', 'CN=Contoso Root, O=C'],
    ['how Windows calls a state', 'S=Bavaria', 'ST=Bavaria'],
    ['an object identifier in front of its number', 'OID.2.5.4.97=X', '2.5.4.97=X'],
  ])('is the same whatever %s', (_, one, another) => {
    expect(nameKey(one)).toBe(nameKey(another));
  });

  test.each([
    ['another value', 'CN=a', 'CN=b'],
    ['another part', 'CN=a', 'CN=a, O=b'],
    ['what a comma in a value would make of it', String.raw`CN=a\, O=b`, 'CN=a, O=b'],
  ])('is not the same with %s', (_, one, another) => {
    expect(nameKey(one)).not.toBe(nameKey(another));
  });

  test('is read without a fault, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', '\\', ',', '=', 'C', ' ', 'é') }),
        (text) => {
          expect(Array.isArray(readName(text))).toBe(true);
        },
      ),
    );
  });
});

describe('A text from outside', () => {
  test('is one word of a command to a shell, whatever it holds', () => {
    expect(shellWord('contoso-gw/certificates/a')).toBe('contoso-gw/certificates/a');
    const words = [
      "a'; echo owned; '",
      '$(echo owned)',
      '`echo owned`',
      '"',
      '\\',
      '',
      '*',
      '!!',
      '-x y',
    ];
    for (const word of words) expect(runCommand(`printf %s ${shellWord(word)}`)).toBe(word);
  });

  test('is named with others until there are too many', () => {
    expect(someOf(['a', 'b'])).toBe('a, b');
    expect(someOf(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
    expect([count(1, 'day'), count(2, 'day')]).toEqual(['1 day', '2 days']);
  });
});

test.each([
  [-12.5, 'expired on 2026-11-15, 12 days ago'],
  [-1, 'expired on 2026-11-27, 1 day ago'],
  [-0.01, 'expired on 2026-11-28'],
  [0.5, 'expires on 2026-11-28, within a day'],
  [1.5, 'expires on 2026-11-29, in 1 day'],
  [30, 'expires on 2026-12-28, in 30 days'],
])('An end in %d days is told as: %s', (days, words) => {
  expect(sayExpiry(inDays(days), READ_AT)).toBe(words);
});

test('Public CAs are known by the organisations of their roots and intermediates', () => {
  expect(publicIssuers()).toEqual(
    expect.arrayContaining(['DigiCert Inc', "Let's Encrypt", 'Amazon']),
  );
  expect(publicIssuers()).not.toContain('Contoso');
});
