import { parseSchedule } from '../../../local/host/timers/schedule.ts';
import { makeTimeZone } from '../../../local/host/timers/time-zone.ts';
import { conforms } from '../../support/conformance.ts';

const DOCS =
  'https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions';
const NCRONTAB = 'https://github.com/atifaziz/NCrontab NCrontab/CrontabFieldImpl.cs';

/** The first occurrences after midnight of Thursday, 1 January 2026, as `01-02T03:04:05`. */
function occurrences(text: string, count = 2): string[] {
  const schedule = parseSchedule(text, makeTimeZone('UTC'));
  const found: string[] = [];
  let at: Date | undefined = new Date('2026-01-01T00:00:00Z');
  while (found.length < count && (at = schedule.next(at)) !== undefined) {
    found.push(at.toISOString().slice(5, 19));
  }
  return found;
}

describe('A timer of the documentation’s own example', () => {
  const examples: readonly (readonly [string, string, readonly string[]])[] = [
    ['0 */5 * * * *', 'fires every five minutes', ['01-01T00:05:00', '01-01T00:10:00']],
    ['0 0 * * * *', 'fires at every full hour', ['01-01T01:00:00', '01-01T02:00:00']],
    ['0 0 */2 * * *', 'fires every two hours', ['01-01T02:00:00', '01-01T04:00:00']],
    ['0 0 9-17 * * *', 'fires hourly from 9 to 17', ['01-01T09:00:00', '01-01T10:00:00']],
    ['0 30 9 * * *', 'fires at 9:30 every day', ['01-01T09:30:00', '01-02T09:30:00']],
    ['0 30 9 * * 1-5', 'fires at 9:30 on weekdays', ['01-01T09:30:00', '01-02T09:30:00']],
    ['0 30 9 * Jan Mon', 'fires on the Mondays of January', ['01-05T09:30:00', '01-12T09:30:00']],
    ['0 5 * * * *', 'fires once an hour, at minute 5', ['01-01T00:05:00', '01-01T01:05:00']],
    ['5,8,10 * * * * *', 'fires at each second of a list', ['01-01T00:00:05', '01-01T00:00:08']],
  ];
  for (const [text, does, expected] of examples) {
    conforms(DOCS, `"${text}" ${does}`, () => {
      expect(occurrences(text)).toEqual(expected);
    });
  }
});

describe('An NCRONTAB expression', () => {
  const rules: readonly (readonly [string, string, readonly string[]])[] = [
    ['*/5 * * * *', 'of five fields begins with the minute', ['01-01T00:05:00', '01-01T00:10:00']],
    ['0 10/20 * * * *', 'steps from a number to the end', ['01-01T00:10:00', '01-01T00:30:00']],
    ['0 10/1 * * * *', 'with a step of 1 means the number', ['01-01T00:10:00', '01-01T01:10:00']],
    ['0 0 10-8/2 * * *', 'turns a range round', ['01-01T08:00:00', '01-01T10:00:00']],
    ['0 0 0 * * tues', 'takes the beginning of a name', ['01-06T00:00:00', '01-13T00:00:00']],
    ['0 0 0 * * m-TUESDAY', 'takes names in a range', ['01-05T00:00:00', '01-06T00:00:00']],
    ['0 0 0 1 feb,JUN *', 'takes names in a list', ['02-01T00:00:00', '06-01T00:00:00']],
    ['0 0 0 13 * 5', 'asks for both days at once', ['02-13T00:00:00', '03-13T00:00:00']],
    ['0 0 0 31 * *', 'leaves out months without the day', ['01-31T00:00:00', '03-31T00:00:00']],
    ['0,30 */5 * * * *', 'forgets no second of a minute', ['01-01T00:00:30', '01-01T00:05:00']],
    ['0 0 0 31 2 *', 'may name a day that never comes', []],
  ];
  for (const [text, does, expected] of rules) {
    conforms(NCRONTAB, `${does} ("${text}")`, () => {
      expect(occurrences(text)).toEqual(expected);
    });
  }
});

describe('A TimeSpan', () => {
  const spans: readonly (readonly [string, string, string])[] = [
    ['01:00:00', 'is an hour', '01-01T01:00:00'],
    ['00:01:00', 'is a minute', '01-01T00:01:00'],
    ['25:00:00', 'is 25 days, since the first two digits are 24 or more', '01-26T00:00:00'],
    ['1.00:00:00', 'is a day', '01-02T00:00:00'],
  ];
  for (const [text, does, expected] of spans) {
    conforms(
      'https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#timespan',
      `"${text}" ${does}`,
      () => {
        expect(occurrences(text, 1)).toEqual([expected]);
      },
    );
  }
});
