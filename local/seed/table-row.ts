/** A row of table storage, written by its wire. */
import { createHmac } from 'node:crypto';

/** The one with the ledger (docs/architecture.md). */
const TABLE = 'certkeeper';
const API_VERSION = '2019-02-02';

export interface TableRow {
  readonly partition: string;
  readonly row: string;
  readonly document: object;
}

/**
 * Adds a row with a document, as Certkeeper writes it; one that is there already stays. Signed as "Authorize
 * with Shared Key" describes it for tables (Shared Key Lite).
 *
 * @param storage a connection string
 */
export async function addTableRow(
  storage: string,
  { partition, row, document }: TableRow,
): Promise<void> {
  const { AccountName = '', AccountKey = '', TableEndpoint = '' } = readConnectionString(storage);
  const url = new URL(`${TableEndpoint.replace(/\/$/, '')}/${TABLE}`);
  const date = new Date().toUTCString();
  const signature = createHmac('sha256', Buffer.from(AccountKey, 'base64'))
    .update(`${date}\n/${AccountName}${url.pathname}`)
    .digest('base64');
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `SharedKeyLite ${AccountName}:${signature}`,
      accept: 'application/json;odata=nometadata',
      'content-type': 'application/json',
      'x-ms-date': date,
      'x-ms-version': API_VERSION,
    },
    body: JSON.stringify({
      ...{ PartitionKey: partition, RowKey: row },
      document: JSON.stringify(document),
    }),
  });
  await response.body?.cancel();
  if (!response.ok && response.status !== 409) {
    throw new Error(`Table storage answered ${String(response.status)} to a row.`);
  }
}

/** `Name=value;Name=value`: a value may hold `=`. */
function readConnectionString(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(';').flatMap((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [] : [[part.slice(0, at), part.slice(at + 1)]];
    }),
  );
}
