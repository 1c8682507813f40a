import fc from 'fast-check';
import { isAckTag, readAckTags } from '../../../shared/domain/audit/ack-tags.ts';
import { faultOfAcknowledgement } from '../../../shared/domain/audit/acknowledgement.ts';
import type { Acknowledgement } from '../../../shared/domain/audit/audit-report.ts';
import { findStrangeTags } from '../../../shared/domain/asked-targets.ts';
import {
  inDays,
  makeClient,
  makeService,
  makeUsage,
  makeVault,
  makeVaulted,
  READ_AT,
  report,
  UNUSED,
} from '../../support/audit/make-facts.ts';
import { OLD_THUMBPRINT } from '../../support/domain-samples.ts';

const PLACE = 'contoso-gw/certificates/gateway-client';

function tagged(tags: Readonly<Record<string, string>>) {
  return {
    vaults: [makeVault({ certificates: [makeVaulted({ tags })] })],
    services: [makeService({ usage: makeUsage({ [PLACE]: UNUSED }) })],
  };
}

describe('The tag certkeeper-ack', () => {
  test.each([
    [
      'USED_BY_NOTHING until 2027-01-31: kept for a roll-back',
      '2027-01-31',
      'kept for a roll-back',
    ],
    ['  used_by_nothing  UNTIL 2026-11-28 :  last day ', '2026-11-28', 'last day'],
    [
      'USED_BY_NOTHING until 2027-01-31: see https://wiki: it is so',
      '2027-01-31',
      'see https://wiki: it is so',
    ],
  ])('is read: %s', (text, until, reason) => {
    expect(readAckTags({ 'certkeeper-ack': text }, READ_AT)).toEqual({
      read: new Map([['USED_BY_NOTHING', { reason, until, from: 'tag' }]]),
      unreadable: [],
    });
  });

  test('holds several, with semicolons and in more tags', () => {
    const { read, unreadable } = readAckTags(
      {
        'certkeeper-ack': 'EXPIRED until 2027-01-31: a; WEAK_KEY until 2027-02-01: b;',
        'Certkeeper-Ack-2': 'WEAK_SIGNATURE until 2027-02-01: c',
      },
      READ_AT,
    );
    expect([...read.keys()]).toEqual(['WEAK_SIGNATURE', 'EXPIRED', 'WEAK_KEY']);
    expect(unreadable).toEqual([]);
  });

  test.each([
    ['USED_BY_NOTHING', 'it is written {CODE} until {day}: {reason}'],
    ['USED_BY_NOTHING until 2027-01-31', 'it is written {CODE} until {day}: {reason}'],
    ['USED_BY_NOTHING until 2027-01-31:  ', 'it is written {CODE} until {day}: {reason}'],
    ['EVERYTHING until 2027-01-31: because', 'EVERYTHING is no code of a finding'],
    ['EXPIRED until soon: because', 'soon is no day; write it as 2027-01-31.'],
    ['EXPIRED until 2027-02-30: because', '2027-02-30 is no day; write it as 2027-01-31.'],
    ['EXPIRED until 2027-11-30: because', 'It may last a year at most.'],
  ])('is not read: %s', (text, message) => {
    const { read, unreadable } = readAckTags({ 'certkeeper-ack': text }, READ_AT);
    expect(read.size).toBe(0);
    expect(unreadable).toMatchObject([{ message }]);
  });

  test('that cannot be read is a finding, and acknowledges nothing', () => {
    const made = report(tagged({ 'certkeeper-ack': 'USED_BY_NOTHING for ever' }));
    expect(made.findings.map(({ code }) => code).sort()).toEqual([
      'ACKNOWLEDGEMENT_UNREADABLE',
      'USED_BY_NOTHING',
    ]);
    expect(made.headline).toMatchObject({ acknowledged: 0, findings: { low: 2 } });
  });

  test('acknowledges what is found of its source, wherever that is', () => {
    const made = report(
      tagged({ 'certkeeper-ack': 'USED_BY_NOTHING until 2027-01-31: for later' }),
    );
    expect(made.findings).toMatchObject([
      { about: PLACE, acknowledged: { from: 'tag', until: '2027-01-31', reason: 'for later' } },
    ]);
    expect(made.headline).toMatchObject({
      health: 'healthy',
      acknowledged: 1,
      findings: { low: 0 },
    });
  });

  test('acknowledges nothing once its day has passed, and nobody complains of it', () => {
    const made = report(
      tagged({ 'certkeeper-ack': 'USED_BY_NOTHING until 2026-11-27: for later' }),
    );
    expect(made.findings.map(({ code, acknowledged }) => [code, acknowledged])).toEqual([
      ['USED_BY_NOTHING', undefined],
    ]);
  });

  test('is none of the tags that Certkeeper does not know', () => {
    expect(isAckTag('certkeeper-acknowledge')).toBe(false);
    expect(findStrangeTags({ 'certkeeper-ack': 'x', 'certkeeper-ack-2': 'y' })).toEqual([]);
  });

  test('never breaks the reader, whatever it holds', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('EXPIRED', ' ', 'until', '2027-01-31', ':', ';', 'why', '\n'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        const { read, unreadable } = readAckTags({ 'certkeeper-ack': value }, READ_AT);
        const texts = value.split(';').filter((one) => one.trim() !== '');
        expect(read.size + unreadable.length).toBeLessThanOrEqual(texts.length);
      }),
    );
  });
});

describe('An acknowledgement by HTTP', () => {
  const stale = {
    services: [
      makeService({
        clients: [makeClient({ thumbprint: OLD_THUMBPRINT, expiresAt: inDays(300) })],
      }),
    ],
  };
  const [finding] = report(stale).findings;
  const id = finding?.id ?? '';
  const kept: Acknowledgement = {
    reason: 'known',
    until: '2026-11-28',
    severity: 'high',
    by: { kind: 'function-key' },
    from: 'http',
  };
  const acknowledged = (other: Partial<Acknowledgement>, facts = stale) =>
    report({ ...facts, acknowledgements: new Map([[id, { ...kept, ...other }]]) }).findings[0]
      ?.acknowledged;

  test('holds through its last day', () => {
    expect(acknowledged({})).toEqual(kept);
  });

  test('does not hold after that', () => {
    expect(acknowledged({ until: '2026-11-27' })).toBeUndefined();
  });

  test('does not hold for what became graver', () => {
    const clients = [makeClient({ thumbprint: OLD_THUMBPRINT, expiresAt: inDays(3) })];
    expect(acknowledged({}, { services: [makeService({ clients })] })).toBeUndefined();
  });

  test('holds for what became milder', () => {
    expect(acknowledged({ severity: 'critical' })).toMatchObject({ reason: 'known' });
  });

  test.each([
    ['a reason and a day within a year are in order', 'why', '2027-11-28', undefined],
    ['today is', 'why', '2026-11-28', undefined],
    ['yesterday has passed', 'why', '2026-11-27', 'The day 2026-11-27 has passed.'],
    ['more than a year is too long', 'why', '2027-11-30', 'It may last a year at most.'],
    ['a reason has to be given', '  ', '2027-01-31', 'It needs a reason.'],
    [
      'a long one is none',
      'x'.repeat(201),
      '2027-01-31',
      'The reason is longer than 200 characters.',
    ],
    ['a day is a day', 'why', '31.1.2027', '31.1.2027 is no day; write it as 2027-01-31.'],
  ])('%s', (_, reason, until, fault) => {
    expect(faultOfAcknowledgement({ reason, until }, READ_AT)).toBe(fault);
  });
});
