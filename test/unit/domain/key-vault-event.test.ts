import fc from 'fast-check';
import { readKeyVaultEvent } from '../../../shared/domain/key-vault-event.ts';
import { NEW_VERSION, SOURCE, SUFFIX } from '../../support/domain-samples.ts';

const VAULTS = new Set(['contoso-kv', 'contoso-legacy-kv']);
const NEW_VERSION_CREATED = 'Microsoft.KeyVault.CertificateNewVersionCreated';
const ACCESS_CHANGED = 'Microsoft.KeyVault.VaultAccessPolicyChanged';
const TOPIC =
  '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-contoso/providers/Microsoft.KeyVault/vaults/contoso-kv';
const ID = `https://contoso-kv.vault.azure.net/certificates/gateway-client/${NEW_VERSION}`;

const DATA = {
  Id: ID,
  VaultName: 'contoso-kv',
  ObjectType: 'Certificate',
  ObjectName: 'gateway-client',
  Version: NEW_VERSION,
  NBF: '1559081980',
  EXP: '1559082102',
};

/** An event in the Event Grid schema, its data replaced or extended. */
function gridEvent(data: unknown = DATA, envelope: object = {}): object {
  return {
    id: '00eccf70-95a7-4e7c-8299-2eb17ee9ad64',
    topic: TOPIC,
    subject: 'gateway-client',
    eventType: NEW_VERSION_CREATED,
    eventTime: '2026-07-25T01:08:33.1036736Z',
    data,
    dataVersion: '1',
    metadataVersion: '1',
    ...envelope,
  };
}

const read = (event: unknown) => readKeyVaultEvent(event, VAULTS, SUFFIX);
const { Id: _id, ...NAMES } = DATA;

describe('An event means "look again"', () => {
  test.each<[sentence: string, event: object]>([
    ['in the Event Grid schema', gridEvent()],
    [
      'in the CloudEvents schema',
      {
        id: '1',
        specversion: '1.0',
        type: NEW_VERSION_CREATED,
        source: TOPIC,
        subject: 'gateway-client',
        time: '2026-07-25T01:08:33.1036736Z',
        data: DATA,
      },
    ],
    [
      'before the certificate expires',
      gridEvent(DATA, { eventType: 'Microsoft.KeyVault.CertificateNearExpiry' }),
    ],
    [
      'when the certificate has expired',
      gridEvent(DATA, { eventType: 'Microsoft.KeyVault.CertificateExpired' }),
    ],
    [
      'whatever the case of its type',
      gridEvent(DATA, { eventType: 'microsoft.keyvault.CERTIFICATEEXPIRED' }),
    ],
    ['with its data as a JSON text', gridEvent(JSON.stringify(DATA))],
    [
      "with a blank after the name of a key, as in the vendor's sample",
      gridEvent({ ...NAMES, Id: ID, ObjectName: undefined, 'ObjectName ': 'gateway-client' }),
    ],
    ['with a blank before the version', gridEvent({ ...DATA, Version: ` ${NEW_VERSION}` })],
    ['with its identifier as "id"', gridEvent({ ...NAMES, id: ID })],
    ['with its identifier only', gridEvent({ Id: ID })],
    [
      'with an identifier without version',
      gridEvent({ Id: 'https://contoso-kv.vault.azure.net/certificates/gateway-client' }),
    ],
    ['with names only', gridEvent(NAMES)],
    [
      'with names only, one key with a blank',
      gridEvent({ VaultName: 'contoso-kv', 'ObjectName ': 'gateway-client' }),
    ],
    [
      'with names in another case than the identifier',
      gridEvent({ ...DATA, VaultName: 'Contoso-KV', ObjectName: 'Gateway-Client' }),
    ],
    ['without its dates', gridEvent({ ...DATA, NBF: undefined, EXP: undefined })],
    ['with its dates as numbers', gridEvent({ ...DATA, NBF: 1559081980, EXP: 1559082102 })],
    ['with dates that are nothing', gridEvent({ ...DATA, NBF: null, EXP: {} })],
    ['without a topic', gridEvent(DATA, { topic: undefined })],
    ['with the port that https has anyway', gridEvent({ Id: ID.replace('.net/', '.net:443/') })],
  ])('%s', (_, event) => {
    expect(read(event)).toMatchObject({ kind: 'look-again', source: SOURCE });
  });

  test('of a certificate, never of the version that it names', () => {
    expect(read(gridEvent())).toEqual({
      kind: 'look-again',
      source: SOURCE,
      eventType: NEW_VERSION_CREATED,
    });
  });
});

describe('An event is skipped', () => {
  test.each<[sentence: string, event: unknown, reason: string]>([
    ['when it is nothing', undefined, 'not an object'],
    ['when it is null', null, 'not an object'],
    ['when it is a text', JSON.stringify(gridEvent()), 'not an object'],
    ['when it is a whole batch', [gridEvent()], 'not an object'],
    ['without a type', gridEvent(DATA, { eventType: undefined }), 'no type'],
    ['with a type that is no text', gridEvent(DATA, { eventType: 7 }), 'no type'],
    [
      'of another service',
      gridEvent(DATA, { eventType: 'Microsoft.Storage.BlobCreated' }),
      'no Key Vault event',
    ],
    [
      'of a secret',
      gridEvent(DATA, { eventType: 'Microsoft.KeyVault.SecretNewVersionCreated' }),
      'change nothing',
    ],
    ['without data', gridEvent(undefined, { data: undefined }), 'data is not an object'],
    ['whose data is null', gridEvent(null), 'data is not an object'],
    ['whose data is an array', gridEvent([DATA]), 'data is not an object'],
    ['whose data is no JSON', gridEvent('{"Id":'), 'data is not an object'],
    ['whose data is the JSON of a number', gridEvent('7'), 'data is not an object'],
    [
      'whose data is an oversized text',
      gridEvent(JSON.stringify({ ...DATA, more: 'x'.repeat(20_000) })),
      'data is not an object',
    ],
    ['that names nothing', gridEvent({}), 'names no certificate'],
    [
      'whose identifier is empty, whatever else it says',
      gridEvent({ ...DATA, Id: '' }),
      'names no certificate',
    ],
    [
      'whose identifier is null, whatever else it says',
      gridEvent({ ...DATA, Id: null }),
      'names no certificate',
    ],
    [
      'whose identifier is oversized',
      gridEvent({ ...DATA, Id: `${ID}${'0'.repeat(3_000)}` }),
      'names no certificate',
    ],
    [
      "whose identifier is a secret's",
      gridEvent({ ...DATA, Id: ID.replace('certificates', 'secrets') }),
      'names no certificate',
    ],
    [
      'whose identifier is not encrypted',
      gridEvent({ ...DATA, Id: ID.replace('https', 'http') }),
      'names no certificate',
    ],
    [
      'whose identifier has another port',
      gridEvent({ ...DATA, Id: ID.replace('.net/', '.net:8443/') }),
      'names no certificate',
    ],
    [
      'whose identifier brings a user',
      gridEvent({ ...DATA, Id: ID.replace('//', '//someone@') }),
      'names no certificate',
    ],
    [
      'whose identifier hides another host behind an at sign',
      gridEvent({ ...DATA, Id: ID.replace('.net/', '.net@evil.example/') }),
      'names no certificate',
    ],
    [
      'whose host only begins like a vault',
      gridEvent({ ...DATA, Id: ID.replace('.net/', '.net.evil.example/') }),
      'names no certificate',
    ],
    [
      'whose host lies below a vault',
      gridEvent({ ...DATA, Id: ID.replace('//', '//evil.') }),
      'names no certificate',
    ],
    [
      'of another cloud',
      gridEvent({ ...DATA, Id: ID.replace('azure.net', 'azure.cn') }),
      'names no certificate',
    ],
    [
      'with names only, about a secret',
      gridEvent({ ...NAMES, ObjectType: 'Secret' }),
      'names no certificate',
    ],
    [
      'with names only that Key Vault does not allow',
      gridEvent({ ...NAMES, ObjectName: '../x' }),
      'names no certificate',
    ],
    ['with a vault name only', gridEvent({ VaultName: 'contoso-kv' }), 'names no certificate'],
    [
      'of a vault that is not under care',
      gridEvent({ Id: ID.replace('contoso-kv', 'foreign-kv') }, { topic: undefined }),
      'CERTKEEPER_VAULTS',
    ],
    [
      'whose identifier and vault name disagree',
      gridEvent({ ...DATA, VaultName: 'contoso-legacy-kv' }),
      'vault name disagree',
    ],
    [
      'whose identifier and certificate name disagree',
      gridEvent({ ...DATA, ObjectName: 'other' }),
      'certificate name disagree',
    ],
    [
      'whose topic is another vault',
      gridEvent(DATA, { topic: TOPIC.replace('contoso-kv', 'contoso-legacy-kv') }),
      'another vault than it names',
    ],
  ])('%s, with the reason', (_, event, reason) => {
    expect(read(event)).toEqual({
      kind: 'skipped',
      reason: expect.stringContaining(reason) as string,
    });
  });

  test('rather than thrown at, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (event) => {
        expect(read(event).kind).toBe('skipped');
      }),
    );
  });

  test('or leads to a vault under care, whatever its data holds', () => {
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(ID, ID.toUpperCase(), 'contoso-kv', 'gateway-client', 'Certificate', '%00'),
    );
    const key = fc.constantFrom(
      'Id',
      'id',
      ' ID ',
      'VaultName',
      'ObjectName ',
      'ObjectType',
      'Version',
    );
    const data = fc.oneof(
      fc.dictionary(key, odd),
      fc.dictionary(key, odd).map((one) => JSON.stringify(one)),
    );
    const envelope = fc.dictionary(
      fc.constantFrom('topic', 'source', 'type', 'eventType', 'id'),
      fc.oneof(odd, fc.constant(ACCESS_CHANGED)),
    );
    fc.assert(
      fc.property(data, envelope, (one, other) => {
        const reading = read({ ...gridEvent(one), ...other });
        if (reading.kind === 'skipped') expect(reading.reason).not.toBe('');
        else if (reading.kind === 'access-changed') expect(VAULTS).toContain(reading.vault);
        else expect(VAULTS).toContain(reading.source.vault);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('An event of changed access', () => {
  const ADDRESS = 'https://contoso-kv.vault.azure.net/';
  const changed = (data: unknown, envelope: object = {}) =>
    read(gridEvent(data, { eventType: ACCESS_CHANGED, subject: 'contoso-kv', ...envelope }));

  test.each<[sentence: string, data: unknown, envelope: object]>([
    ['by its topic alone', {}, {}],
    ['by its topic, without data', undefined, {}],
    ['by the name in its data', { VaultName: 'Contoso-KV' }, { topic: undefined }],
    ['by the address in its data', { id: ADDRESS }, { topic: undefined }],
    [
      'by all three, beside whatever else there is',
      { Id: ADDRESS, VaultName: 'contoso-kv', ObjectType: 'Vault', ObjectName: 'x', NBF: null },
      {},
    ],
    ['beside an identifier of no vault', { Id: '/subscriptions/…', VaultName: 'contoso-kv' }, {}],
    ['whatever the case of its type', {}, { eventType: ACCESS_CHANGED.toUpperCase() }],
    [
      'in the CloudEvents schema',
      { VaultName: 'contoso-kv' },
      { eventType: undefined, topic: undefined, type: ACCESS_CHANGED, source: TOPIC },
    ],
  ])('names its vault %s', (_, data, envelope) => {
    expect(changed(data, envelope)).toMatchObject({ kind: 'access-changed', vault: 'contoso-kv' });
  });

  test.each<[sentence: string, data: unknown, envelope: object, reason: string]>([
    ['that names no vault', {}, { topic: undefined }, 'names no vault'],
    ['that names two', { VaultName: 'contoso-legacy-kv' }, {}, 'several vaults'],
    ['of a vault elsewhere', { VaultName: 'x-kv' }, { topic: undefined }, 'not under care'],
    [
      'whose address is of no vault',
      { Id: 'https://contoso-kv.example.com/' },
      { topic: undefined },
      'names no vault',
    ],
  ])('%s is skipped', (_, data, envelope, reason) => {
    const reading = changed(data, envelope);
    expect(reading.kind === 'skipped' ? reading.reason : '').toContain(reason);
  });
});
