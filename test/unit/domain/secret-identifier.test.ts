import fc from 'fast-check';
import {
  parseSecretIdentifier,
  versionlessIdentifier,
} from '../../../shared/domain/secret-identifier.ts';
import { formatSource, toSource } from '../../../shared/domain/source.ts';
import { OLD_VERSION, SOURCE, SUFFIX } from '../../support/domain-samples.ts';
import { anySource } from '../../support/any-target.ts';

describe('A secret identifier', () => {
  test.each([
    [
      'without a version follows the source',
      'https://contoso-kv.vault.azure.net/secrets/gateway-client',
      { source: SOURCE, collection: 'secrets' },
    ],
    [
      'with a version is pinned to it',
      `https://contoso-kv.vault.azure.net/secrets/gateway-client/${OLD_VERSION}`,
      { source: SOURCE, collection: 'secrets', version: OLD_VERSION },
    ],
    [
      'that names the certificate instead of its secret is understood as such',
      'https://contoso-kv.vault.azure.net/certificates/gateway-client',
      { source: SOURCE, collection: 'certificates' },
    ],
    [
      'may end with a slash',
      'https://contoso-kv.vault.azure.net/secrets/gateway-client/',
      { source: SOURCE, collection: 'secrets' },
    ],
    [
      'names the same source in any case, and with the port that https has anyway',
      ' https://Contoso-KV.vault.azure.net:443/secrets/Gateway-Client ',
      { source: SOURCE, collection: 'secrets' },
    ],
  ])('%s', (_, text, read) => {
    expect(parseSecretIdentifier(text, SUFFIX)).toEqual(read);
  });

  test.each([
    ['is empty', ''],
    ['is no address', 'gateway-client'],
    ['is not encrypted', 'http://contoso-kv.vault.azure.net/secrets/gateway-client'],
    ['has another port', 'https://contoso-kv.vault.azure.net:8443/secrets/gateway-client'],
    ['lies with another host', 'https://contoso-kv.vault.azure.net.evil.example/secrets/a'],
    [
      'hides another host behind an at sign',
      'https://contoso-kv.vault.azure.net@evil.example/secrets/a',
    ],
    ['brings a user', 'https://someone:word@contoso-kv.vault.azure.net/secrets/a'],
    ['lies in another cloud', 'https://contoso-kv.vault.azure.cn/secrets/gateway-client'],
    ['lies below a vault', 'https://a.contoso-kv.vault.azure.net/secrets/gateway-client'],
    ['names no vault', 'https://vault.azure.net/secrets/gateway-client'],
    ['names a key', 'https://contoso-kv.vault.azure.net/keys/gateway-client'],
    ['names no secret', 'https://contoso-kv.vault.azure.net/secrets/'],
    ['has a part too many', 'https://contoso-kv.vault.azure.net/secrets/a/b/c'],
    ['has an encoded slash in its name', 'https://contoso-kv.vault.azure.net/secrets/a%2Fb'],
    ['has a name that Key Vault does not allow', 'https://contoso-kv.vault.azure.net/secrets/a_b'],
    ['has a vault that Key Vault does not allow', 'https://kv.vault.azure.net/secrets/a'],
  ])('is nobody of ours when it %s', (_, text) => {
    expect(parseSecretIdentifier(text, SUFFIX)).toBeUndefined();
  });

  test('made for a source is versionless and leads back to it', () => {
    fc.assert(
      fc.property(anySource, (source) => {
        const identifier = versionlessIdentifier(source, SUFFIX);
        expect(parseSecretIdentifier(identifier, SUFFIX)).toEqual({
          source,
          collection: 'secrets',
        });
      }),
    );
  });

  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string({ unit: 'binary' })), (text) => {
        expect(parseSecretIdentifier(text, 'example.com')?.source.vault).not.toBe('');
      }),
    );
  });
});

describe('A source', () => {
  test('has no case: both names are lowered', () => {
    expect(toSource('Contoso-KV', 'GATEWAY-client')).toEqual(SOURCE);
    expect(formatSource(SOURCE)).toBe('contoso-kv/gateway-client');
  });

  test.each([
    ['a vault of three characters', 'abc', 'n', true],
    ['a vault of two', 'ab', 'n', false],
    ['a vault of 24', `a${'b'.repeat(23)}`, 'n', true],
    ['a vault of 25', `a${'b'.repeat(24)}`, 'n', false],
    ['a vault that begins with a digit', '1abc', 'n', false],
    ['a vault that ends with a hyphen', 'abc-', 'n', false],
    ['a vault that holds a dot', 'abc.evil', 'n', false],
    ['a name of 127', 'abc', 'n'.repeat(127), true],
    ['a name of 128', 'abc', 'n'.repeat(128), false],
    ['no name', 'abc', '', false],
    ['a name with a slash', 'abc', 'a/b', false],
    ['a name with a line break at its end', 'abc', 'a\n', false],
  ])('with %s', (_, vault, name, allowed) => {
    expect(toSource(vault, name) !== undefined).toBe(allowed);
  });
});
