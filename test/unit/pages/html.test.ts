import * as fc from 'fast-check';
import { html, inlineElement } from '../../../shared/pages/html.ts';
import { HOSTILE_TEXTS } from '../../support/audit/hostile-texts.ts';

describe('markup from a template', () => {
  it('escapes what is text, in text and in quoted attributes', () => {
    expect(html`<a title="${`"'`}">${'<b>&'}</a>`.text).toBe(
      '<a title="&quot;&#39;">&lt;b&gt;&amp;</a>',
    );
  });

  it('takes markup of its own, and lists of it, as it stands', () => {
    const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`);
    expect(html`${items}`.text).toBe('<li>a</li><li>&lt;b&gt;</li>');
  });

  it('writes nothing of what is not there, and writes a zero', () => {
    expect(html`[${undefined}${false}${''}${0}]`.text).toBe('[0]');
  });

  it('lets no text end what it stands in', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE_TEXTS)),
        (text) => {
          expect(html`${text}`.text).not.toMatch(/[<>"']/);
        },
      ),
    );
  });
});

describe('a script or style in a page', () => {
  it('stands there character by character', () => {
    expect(inlineElement('script', 'a && "b"').text).toBe('<script>a && "b"</script>');
  });

  it.each(['</script>', '</STYLE >', '<!--'])('is refused when it holds %s', (text) => {
    expect(() => inlineElement('script', `x${text}`)).toThrow(TypeError);
  });
});
