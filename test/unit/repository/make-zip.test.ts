import { unzipSync } from 'fflate';
import fc from 'fast-check';
import { makeZip } from '../../../scripts/make-zip.ts';

const files = fc.uniqueArray(
  fc.tuple(fc.stringMatching(/^[a-z]{1,8}\.[a-z]{2}$/), fc.uint8Array()),
  {
    selector: ([name]) => name,
    minLength: 1,
  },
);

test('an archive has the same bytes in whichever order the files come, and gives them back', () => {
  fc.assert(
    fc.property(files, (all) => {
      const zip = makeZip(new Map(all));
      expect(makeZip(new Map([...all].reverse()))).toEqual(zip);
      const back = Object.entries(unzipSync(zip));
      expect(back.map(([name]) => name)).toEqual(all.map(([name]) => name).sort());
      for (const [name, content] of all) {
        expect(Buffer.from(unzipSync(zip)[name] ?? []).equals(Buffer.from(content))).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test('an archive does not depend on when it is made', () => {
  const made = makeZip(new Map([['a.txt', new Uint8Array([1])]]));
  jest.useFakeTimers({ now: new Date('2031-07-01T12:00:00Z') });
  expect(makeZip(new Map([['a.txt', new Uint8Array([1])]]))).toEqual(made);
  jest.useRealTimers();
});
