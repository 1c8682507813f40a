/**
 * The element that a page is built to have.
 *
 * @throws Thrown when it has none, or one of another kind: then page and script do not fit
 */
export function findElement<E extends Element>(
  selector: string,
  kind: new () => E,
  inside: ParentNode = document,
): E {
  const found = inside.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`The page has no ${selector}.`);
  return found;
}

/** Calls back for clicks on elements with an attribute, now and later, with its value. */
export function onClick(
  inside: HTMLElement | Document,
  attribute: string,
  act: (value: string, element: Element, event: Event) => void,
): void {
  inside.addEventListener('click', (event) => {
    const element = event.target instanceof Element && event.target.closest(`[${attribute}]`);
    if (element) act(element.getAttribute(attribute) ?? '', element, event);
  });
}
