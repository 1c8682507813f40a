import fc from 'fast-check';
import { parseAuditId, toAuditId } from '../../../shared/domain/audit/audit-id.ts';

const moment = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

describe('The id of an audit', () => {
  test('says when the audit began', () => {
    fc.assert(
      fc.property(moment, fc.uuid(), (at, guid) => {
        expect(parseAuditId(toAuditId(at, guid))).toBe(at);
      }),
    );
  });

  test('sorts by time', () => {
    fc.assert(
      fc.property(
        moment,
        fc.integer({ min: 1, max: 5_000 }),
        fc.uuid(),
        fc.uuid(),
        (at, ms, a, b) => {
          const later = new Date(Date.parse(at) + ms).toISOString();
          expect(toAuditId(at, a) < toAuditId(later, b)).toBe(true);
        },
      ),
    );
  });

  test.each([
    '',
    'latest',
    '20261128T020000Z',
    '20261128T020000Z-XYZXYZ',
    '20261328T020000Z-abcdef',
  ])('is not %j', (text) => {
    expect(parseAuditId(text)).toBeUndefined();
  });
});
