/** Thirteen digits last until the year 2286. */
const END_OF_TIME = 9_999_999_999_999;

/**
 * A time as thirteen digits that count down with it: in the order of keys what is newer comes first.
 * @param at ISO 8601
 */
export function countDown(at: string): string {
  return String(END_OF_TIME - Date.parse(at)).padStart(13, '0');
}
