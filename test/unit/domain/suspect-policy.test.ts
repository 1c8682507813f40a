import { always, onSuspectOf, parseSuspectPolicy } from '../../../shared/domain/suspect-policy.ts';
import { SOURCE } from '../../support/domain-samples.ts';

describe('CERTKEEPER_ON_SUSPECT', () => {
  test.each([
    ['warns where nothing is said', '', 'warn'],
    ['is one word for all', 'hold', 'hold'],
    ['holds what a rule names', 'contoso-kv/gateway-client => hold', 'hold'],
    ['warns of what no rule names', 'contoso-kv/other => hold', 'warn'],
    ['has rules by pattern', 'contoso-*/gate*-client => hold', 'hold'],
    ['goes by the first rule that fits', 'contoso-kv/* => warn; */* => hold', 'warn'],
    ['goes by a rule before the word for all', 'hold; contoso-kv/* => warn', 'warn'],
    ['goes by the word for all otherwise', 'other-kv/* => warn\nhold', 'hold'],
    ['does not care for case', 'Contoso-KV/Gateway-Client => hold', 'hold'],
  ])('%s', (_, text, expected) => {
    const { policy, errors } = parseSuspectPolicy(text);
    expect(errors).toEqual([]);
    expect(onSuspectOf(policy, SOURCE)).toBe(expected);
  });

  test.each([
    ['another word', 'refuse', 'rule 1 is neither "warn" nor "hold" nor "vault/name => hold"'],
    ['another word in a rule', 'a-kv/* => no', 'rule 1 is neither "warn" nor "hold"'],
    ['a second arrow', 'warn; a-kv/* => b-kv/* => hold', 'rule 2 is neither'],
    ['a source that is none', 'a-kv => hold', 'rule 1 does not begin with vault/name'],
    ['two words for all', 'warn; hold', 'only one word may be for all'],
  ])('refuses %s', (_, text, sentence) => {
    expect(parseSuspectPolicy(text).errors).toEqual([expect.stringContaining(sentence) as unknown]);
  });

  test('may be the same for all', () => {
    expect(onSuspectOf(always('hold'), SOURCE)).toBe('hold');
  });
});
