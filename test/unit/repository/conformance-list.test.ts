import { renderConformance } from '../../../scripts/conformance-list.ts';
import type { Conformed } from '../../../scripts/list-conformance.ts';

function render(...sources: readonly string[]): string {
  const all = sources.map((source): Conformed => ({
    file: 'test/conformance/http/x-y.test.ts',
    behaviour: ['so'],
    source,
  }));
  return renderConformance(all, { 'durable-functions': '3.5.0' });
}

describe('the list of what the host is held to', () => {
  it('has a table for each file, with the names of groups and signs that Markdown would take', () => {
    const file = 'test/conformance/http/x-y.test.ts';
    const source = 'https://docs.example/page#part';
    const text = renderConformance([{ file, behaviour: ['A body', 'is `a|b` *'], source }], {});
    expect(text).toBe(
      [
        '## Http: x y',
        '',
        `In [\`${file}\`](../${file}):`,
        '',
        '| behaviour | follows |',
        '| --- | --- |',
        '| A body: is \\`a\\|b\\` \\* | [page#part] |',
        '',
        '[page#part]: https://docs.example/page#part',
      ].join('\n'),
    );
  });

  it.each([
    ['https://docs.example/page', '[page]: https://docs.example/page'],
    ['Azure/x src/File.cs', '[File.cs]: https://github.com/Azure/x/blob/HEAD/src/File.cs'],
    ['durable-functions lib/a.js', '[a.js]: https://unpkg.com/durable-functions@3.5.0/lib/a.js'],
    ['local/host/http.ts', '[http.ts]: ../local/host/http.ts'],
  ])('leads from %s to where it can be read', (source, definition) => {
    expect(render(source).split('\n').at(-1)).toBe(definition);
  });

  it('names what has no address', () => {
    expect(render('dotnet/runtime Some.Library File.cs')).toContain(
      '| so | `dotnet/runtime Some.Library File.cs` |',
    );
  });

  it('tells files of one name apart by their folders', () => {
    const text = render('Azure/x src/one/File.cs', 'Azure/x src/two/File.cs');
    expect(text).toContain('| so | [one/File.cs] |');
    expect(text).toContain('| so | [two/File.cs] |');
  });
});
