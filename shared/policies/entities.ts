/** The five entities that XML has without a document type. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};
const ENTITY = /&(?:#x([0-9A-Fa-f]{1,8})|#([0-9]{1,8})|(amp|lt|gt|quot|apos));/g;

/** `&#x` and eight digits and `;`. */
const LONGEST = 12;

/** Whether the text holds an entity or a character reference. */
export function hasEntity(text: string): boolean {
  return text.search(ENTITY) >= 0;
}

/** Whether one stands at this place. */
export function entityAt(text: string, at: number): boolean {
  return text.slice(at, at + LONGEST).search(ENTITY) === 0;
}

/** Whether an ampersand begins none, which XML does not allow. */
export function hasBareAmpersand(text: string): boolean {
  return text.replaceAll(ENTITY, '').includes('&');
}

/** Puts the characters in place of entities and character references; what is none stays. */
export function decodeEntities(text: string): string {
  return text.replaceAll(
    ENTITY,
    (all, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
      if (name !== undefined) return NAMED[name] ?? all;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0x10ffff ? all : String.fromCodePoint(code);
    },
  );
}

/** Writes a text as the value of an attribute between these quotes. */
export function encodeAttribute(text: string, quote: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(quote, quote === '"' ? '&quot;' : '&apos;');
}
