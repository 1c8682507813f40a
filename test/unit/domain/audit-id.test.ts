import fc from 'fast-check';
import { parseAuditId, toAuditId } from '../../../shared/domain/audit/audit-id.ts';

const moment = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

describe('The id of an audit', () => {
  test('begins with the second in which the audit began', () => {
    fc.assert(
      fc.property(moment, fc.uuid(), (at, guid) => {
        const id = toAuditId(at, guid);
        expect(parseAuditId(id)).toBe(`${at.slice(0, 19)}.000Z`);
      }),
    );
  });

  test('sorts by time', () => {
    fc.assert(
      fc.property(moment, moment, fc.uuid(), (one, other, guid) => {
        const [a, b] = [toAuditId(one, guid), toAuditId(other, guid)];
        if (a < b) expect(one < other).toBe(true);
      }),
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
