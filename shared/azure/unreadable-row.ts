import type { Problem } from '../domain/errors.ts';

/** A row of Certkeeper's own that this version cannot make out: it is left as it is. */
export function unreadableRow(partition: string, key: string): Problem {
  const row = `${partition} / ${key}`;
  return {
    code: 'RECORD_UNREADABLE',
    message: `Certkeeper cannot read its own row ${row}: another version wrote it, or it was changed by hand. It was left as it is, and nothing that it says is taken into account.`,
    resource: row,
    cure: 'Update Certkeeper, or look at the row in its table in the storage account, and delete it when nothing needs it.',
  };
}
