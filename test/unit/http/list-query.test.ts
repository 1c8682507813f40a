import fc from 'fast-check';
import { LIST_ORDERS } from '../../../shared/domain/certificate-list.ts';
import { readCursor, readMoment, writeCursor } from '../../../shared/http/list-query.ts';
import { anySource } from '../../support/any-target.ts';

const NOW = new Date('2026-11-21T10:00:00.000Z');

describe('A moment', () => {
  test.each([
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2027-01-31T12:30Z', '2027-01-31T12:30:00.000Z'],
    ['2027-01-31T12:30:05.25+02:00', '2027-01-31T10:30:05.250Z'],
    ['P30D', '2026-12-21T10:00:00.000Z'],
    ['P2W', '2026-12-05T10:00:00.000Z'],
    ['P1DT2H30M', '2026-11-22T12:30:00.000Z'],
    ['PT12H', '2026-11-21T22:00:00.000Z'],
    ['P0D', '2026-11-21T10:00:00.000Z'],
  ])('%s is %s', (text, moment) => {
    expect(readMoment(text, NOW)).toBe(moment);
  });

  test.each([
    ['', 'P', 'PT', 'P1Y', '30d', 'tomorrow', '2027', '2027-02-31', '2027-13-01'],
    ['2027-02-29', '2027-01-31T25:00Z', '2027-01-31T12:00', '31.01.2027', 'P30D ', '-P30D'],
  ])('is none of %j, %j, %j, %j, %j, %j, %j', (...texts) => {
    for (const text of texts) expect([text, readMoment(text, NOW)]).toEqual([text, undefined]);
  });
});

describe('A cursor', () => {
  test('leads back to where the page ended', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LIST_ORDERS),
        fc.string({ maxLength: 200 }),
        anySource,
        (order, key, source) => {
          const place = { key, source };
          const text = writeCursor(order, place);
          expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
          expect(readCursor(text)).toEqual({ order, place });
        },
      ),
    );
  });

  test('is nothing else', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(readCursor(text)).toBeUndefined()));
    const other = Buffer.from('["name","k","v"]').toString('base64url');
    expect(readCursor(other)).toBeUndefined();
  });
});
