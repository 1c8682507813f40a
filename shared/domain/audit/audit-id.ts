/** Ids of audits: they sort by time and can stand in an address, a file's name and a key. */

const ID = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-([0-9a-f]{3})[0-9a-f]{3}$/;

/**
 * `20261128T020000Z-07b9c1`: the second, its thousandth in three hexadecimal digits, and three more
 * that tell two of the same moment apart.
 * @param at ISO 8601, UTC
 */
export function toAuditId(at: string, guid: string): string {
  const time = new Date(at);
  const [second = ''] = time.toISOString().split('.');
  const thousandth = time.getUTCMilliseconds().toString(16).padStart(3, '0');
  const rest = guid.replaceAll('-', '').slice(0, 3).toLowerCase();
  return `${second.replaceAll(/[-:]/g, '')}Z-${thousandth}${rest}`;
}

/** When it began, ISO 8601; undefined for what is no id. */
export function parseAuditId(id: string): string | undefined {
  const [, year, month, day, hour, minute, second, thousandth] = ID.exec(id) ?? [];
  if (thousandth === undefined) return undefined;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at.getTime())) return undefined;
  return new Date(at.getTime() + Number.parseInt(thousandth, 16)).toISOString();
}
