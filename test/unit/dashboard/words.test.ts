import { PROBLEM_CODES } from '../../../shared/domain/errors.ts';
import { stepWords } from '../../../shared/report/dashboard/plan-words.ts';
import { fieldOfUploadCode } from '../../../shared/report/dashboard/upload-fields.ts';
import { cureText, expiry } from '../../../shared/report/dashboard/words.ts';

const NOW = '2026-11-28T12:00:00.000Z';

describe("The dashboard's words", () => {
  it.each([
    ['2026-11-20T00:00:00.000Z', 'critical', 'expired 8 days ago'],
    ['2026-11-28T18:00:00.000Z', 'critical', 'within a day'],
    ['2026-12-04T12:00:00.000Z', 'critical', 'in 6 days'],
    ['2026-12-10T12:00:00.000Z', 'high', 'in 12 days'],
    ['2026-12-20T12:00:00.000Z', 'medium', 'in 22 days'],
    ['2027-11-28T12:00:00.000Z', '', 'in 365 days'],
  ])('an expiry at %s is of the level "%s": %s', (at, level, far) => {
    expect(expiry(at, NOW).text).toContain(`<span class="far ${level}">${far}</span>`);
  });

  it('a command in a cure looks like one, and what surrounds it is text', () => {
    expect(cureText('Look: az a <b>')?.text).toBe(
      '<span class="cure">Look: <code>az a &lt;b&gt;</code></span>',
    );
    expect(cureText('Wait.')?.text).toBe('<span class="cure">Wait.</span>');
    expect(cureText(undefined)).toBeUndefined();
  });

  it('a step that this version does not know is named as it is', () => {
    expect(stepWords('refresh')).toBe('Reads the new version from the vault');
    expect(stepWords('constructor')).toBe('constructor');
  });

  it.each([
    ['PASSWORD_WRONG', 'password'],
    ['CERTIFICATE_EXPIRED', 'file'],
    ['CERTIFICATE_EXISTS', 'name'],
    ['BINDING_NOT_ALLOWED', 'targets'],
    ['INTERNAL_ERROR', undefined],
    ['', undefined],
  ])('the refusal %s is about the field %s', (code, field) => {
    expect(fieldOfUploadCode(code)).toBe(field);
    expect([...PROBLEM_CODES, '']).toContain(code);
  });
});
