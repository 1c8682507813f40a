import { passes } from '../../../../local/azure/event-grid/filter.ts';
import { inSchema, type GridEvent } from '../../../../local/azure/event-grid/grid-event.ts';
import { backoffMs, judge } from '../../../../local/azure/event-grid/retry.ts';

const event: GridEvent = {
  schema: 'EventGridSchema',
  event: {
    id: '1',
    topic: '/subscriptions/s/vaults/kv',
    subject: 'gateway-client',
    eventType: 'Microsoft.KeyVault.CertificateNewVersionCreated',
    eventTime: '2026-11-01T00:00:00.000Z',
    data: { Id: 'x' },
    dataVersion: '1',
    metadataVersion: '1',
  },
};
const everything = { subjectBeginsWith: '', subjectEndsWith: '', isSubjectCaseSensitive: false };

describe('filters', () => {
  it.each([
    ['nothing asked', {}, true],
    ['its type', { includedEventTypes: ['microsoft.keyvault.certificatenewversioncreated'] }, true],
    ['another type', { includedEventTypes: ['Microsoft.KeyVault.CertificateExpired'] }, false],
    ['no type at all', { includedEventTypes: [] }, false],
    ['its beginning', { subjectBeginsWith: 'GATEWAY' }, true],
    [
      'its beginning in another case',
      { subjectBeginsWith: 'GATEWAY', isSubjectCaseSensitive: true },
      false,
    ],
    ['its end', { subjectEndsWith: '-client' }, true],
    ['another end', { subjectEndsWith: '-server' }, false],
  ])('with %s', (_, filter, wanted) => {
    expect(passes({ ...everything, ...filter }, event)).toBe(wanted);
  });
});

describe('schemas', () => {
  it('turn an Event Grid event into a CloudEvent', () => {
    expect(inSchema(event, 'CloudEventSchemaV1_0')).toEqual({
      id: '1',
      source: '/subscriptions/s/vaults/kv',
      type: 'Microsoft.KeyVault.CertificateNewVersionCreated',
      subject: 'gateway-client',
      time: '2026-11-01T00:00:00.000Z',
      specversion: '1.0',
      data: { Id: 'x' },
    });
  });

  it('leave a CloudEvent what it is, extensions included', () => {
    const cloud: GridEvent = {
      schema: 'CloudEventSchemaV1_0',
      event: { id: '1', source: 's', type: 't', specversion: '1.0', traceparent: 'x' },
    };

    expect(inSchema(cloud, 'EventGridSchema')).toEqual(cloud.event);
  });
});

describe('retries', () => {
  it.each([200, 201, 202, 203, 204])('end with %d', (status) => {
    expect(judge({ status })).toBe('delivered');
  });

  it.each([400, 401, 403, 413])('do not follow %d', (status) => {
    expect(judge({ status })).toBe('final');
  });

  it.each([206, 301, 404, 408, 409, 429, 500, 503])('follow %d', (status) => {
    expect(judge({ status })).toBe('again');
  });

  it('follow an endpoint that cannot be reached', () => {
    expect(judge({ unreachable: 'ECONNREFUSED' })).toBe('again');
  });

  it('wait longer and longer, up to twelve hours', () => {
    const seconds = Array.from(
      { length: 12 },
      (_, index) => backoffMs(index + 1, { status: 500 }) / 1000,
    );

    expect(seconds).toEqual([
      10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 43_200, 43_200,
    ]);
  });

  it('wait at least as long as the status asks', () => {
    expect(backoffMs(1, { status: 503 })).toBe(30_000);
    expect(backoffMs(1, { status: 408 })).toBe(120_000);
    expect(backoffMs(5, { status: 503 })).toBe(600_000);
  });
});
