/**
 * Brings the page to what the server says, touching only what changed, so that nobody loses the
 * place where they read, what they have opened, or the button that they are on.
 *
 * What is compared is the server's markup of then and now, not the page: the page's script adds to
 * it, and that must not look like a change.
 */
const markups = new WeakMap<Element, string>();

/** Notes how the page came from the server, before the script adds to it. */
export function remember(element: Element): void {
  for (const one of [element, ...element.querySelectorAll('[id]')]) {
    markups.set(one, one.outerHTML);
  }
}

/** What the page's script adds to an element that has come from the server. */
type Adorn = (made: Element) => void;

/** @returns the elements that were replaced, in their new form; not those that are new */
export function patch(shown: Element, wanted: Element, adorn: Adorn): readonly Element[] {
  const focused = document.activeElement?.id ?? '';
  const replaced = patchOne(shown, wanted, adorn);
  // What is replaced or moved loses the focus; the button of the same name has it again.
  if (focused !== '' && document.activeElement?.id !== focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
  return replaced;
}

function patchOne(shown: Element, wanted: Element, adorn: Adorn): readonly Element[] {
  const markup = wanted.outerHTML;
  if (markups.get(shown) === markup) return [];
  if (isKeyed(shown) && isKeyed(wanted)) {
    markups.set(shown, markup);
    return patchChildren(shown, wanted, adorn);
  }
  if (isWrittenIn(shown, wanted)) return [];
  const made = adopt(wanted, adorn);
  keepOpen(shown, made);
  shown.replaceWith(made);
  return [made];
}

function patchChildren(shown: Element, wanted: Element, adorn: Adorn): readonly Element[] {
  const known = new Map([...shown.children].map((child) => [child.id, child]));
  const replaced: Element[] = [];
  let last: Element | null = null;
  for (const child of wanted.children) {
    const there = known.get(child.id);
    known.delete(child.id);
    if (there === undefined) putAfter(last, adopt(child, adorn), shown);
    else {
      if (there.previousElementSibling !== last) putAfter(last, there, shown);
      replaced.push(...patchOne(there, child, adorn));
    }
    last = last === null ? shown.firstElementChild : last.nextElementSibling;
  }
  for (const gone of known.values()) gone.remove();
  return replaced;
}

function putAfter(last: Element | null, child: Element, parent: Element): void {
  if (last === null) parent.prepend(child);
  else last.after(child);
}

function adopt(wanted: Element, adorn: Adorn): Element {
  const made = document.importNode(wanted, true);
  remember(made);
  adorn(made);
  return made;
}

function isKeyed(element: Element): boolean {
  return element.hasAttribute('data-keyed');
}

/** What somebody is writing in stays until they are done; it is compared again the next time. */
function isWrittenIn(shown: Element, wanted: Element): boolean {
  if (shown.querySelector('dialog[open]') !== null) return true;
  const focused = document.activeElement;
  return (
    focused !== null &&
    shown.contains(focused) &&
    focused.matches('input, textarea, select') &&
    wanted.querySelector(`#${CSS.escape(focused.id)}`) !== null
  );
}

/** What somebody has opened stays open, and what they have closed stays closed. */
function keepOpen(shown: Element, made: Element): void {
  const before = detailsIn(shown);
  detailsIn(made).forEach((details, at) => {
    const then = before[at];
    if (then !== undefined) details.open = then.open;
  });
}

function detailsIn(element: Element): readonly HTMLDetailsElement[] {
  const within = [...element.querySelectorAll('details')];
  return element instanceof HTMLDetailsElement ? [element, ...within] : within;
}
