import fc from 'fast-check';
import { parseLooseJson } from '../../../local/host/loose-json.ts';

describe('JSON as .NET reads it', () => {
  test.each([
    ['\uFEFF{"a":1}', { a: 1 }],
    ['{ // one\n "a": 1 /* two\n lines */ }', { a: 1 }],
    ['{"a":[1,2,],}', { a: [1, 2] }],
    ['{"a":"// no, /* no */ and ,] neither"}', { a: '// no, /* no */ and ,] neither' }],
    [String.raw`{"a":"\"//","b":2,}`, { a: '"//', b: 2 }],
  ])('%j is read', (text, expected) => {
    expect(parseLooseJson(text)).toEqual(expected);
  });

  test('every text that is plain JSON is read as such', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(parseLooseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each(['', '{', '[1 2]', '{a:1}'])('%j is refused', (text) => {
    expect(() => parseLooseJson(text)).toThrow();
  });

  test('the place is told, comments counted in', () => {
    const text = '{ // a comment\n  "a": 1\n  "b": 2 }';
    expect(() => parseLooseJson(text)).toThrow('(line 3 column 3)');
  });

  test.each(['{ "PASSWORD": "hunter2" "x": 1 }', '{ "PASSWORD": hunter2 }', '{"p":"hunter2'])(
    'of a secret nothing is quoted: %j',
    (text) => {
      const read = (): unknown => parseLooseJson(text, 'secret');
      expect(read).toThrow('it is not JSON');
      expect(read).not.toThrow(/hunter2|PASS/);
    },
  );
});
