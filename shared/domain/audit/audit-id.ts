/** Ids of audits: they sort by time and can stand in an address, a file's name and a key. */

const ID = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-[0-9a-f]{6}$/;

/**
 * `20261128T020000Z-3f9c1a`.
 * @param at ISO 8601, UTC
 * @param guid tells two of one second apart
 */
export function toAuditId(at: string, guid: string): string {
  const second = at.replace(/\.\d+Z$/, 'Z').replaceAll(/[-:]/g, '');
  return `${second}-${guid.replaceAll('-', '').slice(0, 6).toLowerCase()}`;
}

/** The second in which it began, ISO 8601; undefined for what is no id. */
export function parseAuditId(id: string): string | undefined {
  const [, year, month, day, hour, minute, second] = ID.exec(id) ?? [];
  if (second === undefined) return undefined;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
