import fc from 'fast-check';
import { toPlainText } from '../../../shared/domain/plain-text.ts';
import { hostileText } from '../../support/notify/samples.ts';

describe('a text of somebody else', () => {
  test.each([
    ['is one line', 'a\r\nb\u2028c\td', 'a b c d'],
    ['has no control characters', 'a\u0000b\u001b[31mc\u009b', 'a b [31mc'],
    ['does not turn around', 'abc\u202egnp.exe\u2066x', 'abc gnp.exe x'],
    ['hides nothing', 'a\u200bb\u00adc\ufeffd\u{e0041}e', 'a b c d e'],
    ['has no half characters', 'a\ud800b', 'a\ufffdb'],
    ['keeps what people write', 'Zertifikat „Ärger“ 証明書 👍', 'Zertifikat „Ärger“ 証明書 👍'],
  ])('%s', (_name, text, expected) => {
    expect(toPlainText(text, 100)).toBe(expected);
  });

  it('is cut to its length, and never inside a character', () => {
    expect(toPlainText('abcdef', 5)).toBe('abcd…');
    expect(toPlainText('abc👍ef', 5)).toBe('abc…');
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 50 }), (text, most) => {
        const plain = toPlainText(text, most);
        expect(plain.length).toBeLessThanOrEqual(most);
        expect(plain.isWellFormed()).toBe(true);
        expect(plain).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(toPlainText(plain, most)).toBe(plain);
      }),
    );
  });
});
