/**
 * What Certkeeper has registered where automation is known by public keys, in table storage: a
 * partition for each application or subscription. Public keys are kept too: with them, what a change
 * lost can be put back.
 *
 * | partition        | key                      | document                            |
 * | ---------------- | ------------------------ | ----------------------------------- |
 * | `keys\\|{target}` | `own\\|{source}\\|{thumbprint}` | OwnKey                         |
 * |                  | `turn`                   | who changes it, and until when      |
 * |                  | `change`                 | a change that is on its way: when   |
 * |                  | `before\\|{number}`       | an entry that must survive it       |
 * |                  | `untold\\|{number}`       | an entry that is lost for good      |
 * |                  | `seen`                   | what the last change left           |
 */
import { randomUUID } from 'node:crypto';
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import { encodeKey, type Along, type DocumentTable, type Row } from '../tables.ts';
import { FORMS, type KeyEntry } from '../../domain/key-credentials.ts';
import type { KeyNotes, OwnKeys, Turn } from '../../domain/key-ports.ts';
import type { OwnKey } from '../../domain/public-key.ts';
import { formatSource } from '../../domain/source.ts';
import { targetKey, type KeyTarget } from '../../domain/target.ts';

export function makeOwnKeys(
  table: Pick<DocumentTable, 'get' | 'list' | 'put' | 'add' | 'replace' | 'remove'>,
): OwnKeys {
  /** Writes while the turn is held, in one transaction with it. */
  const write = async (target: KeyTarget, turn: Turn, along: Along = {}): Promise<boolean> => {
    const held = await table.get(partitionOf(target), 'turn');
    if (held === undefined || turnSchema.parse(held.document).holder !== turn.holder) return false;
    return await table.replace({ ...held, document: toDocument(turn) }, along);
  };
  const keysIn = async (partition: string): Promise<readonly string[]> => {
    const keys: string[] = [];
    for await (const { key } of table.list(odata`PartitionKey eq ${partition}`)) keys.push(key);
    return keys;
  };
  const toRow = (target: KeyTarget, key: OwnKey): Row => {
    return { partition: partitionOf(target), key: ownKeyOf(key), document: key };
  };
  return {
    async take(target, turn) {
      const partition = partitionOf(target);
      const document = toDocument(turn);
      const held = await table.get(partition, 'turn');
      if (held === undefined) return await table.add({ partition, key: 'turn', document });
      const before = turnSchema.parse(held.document);
      const isFree =
        before.holder === turn.holder || Date.parse(before.until) <= turn.now.getTime();
      return isFree && (await table.replace({ ...held, document }));
    },

    async extend(target, turn, keys = []) {
      return await write(target, turn, { put: keys.map((key) => toRow(target, key)) });
    },

    async giveBack(target, holder) {
      const held = await table.get(partitionOf(target), 'turn');
      if (held === undefined || turnSchema.parse(held.document).holder !== holder) return;
      await table.remove(partitionOf(target), 'turn', held.etag);
    },

    async read(target) {
      const partition = partitionOf(target);
      const own: OwnKey[] = [];
      const before: { readonly key: string; readonly entry: KeyEntry }[] = [];
      const untold: KeyEntry[] = [];
      let begun: z.infer<typeof changeSchema> | undefined;
      let seen: KeyNotes['seen'];
      for await (const { key, document } of table.list(odata`PartitionKey eq ${partition}`)) {
        if (key === 'seen') seen = seenSchema.parse(document);
        if (key === 'change') begun = changeSchema.parse(document);
        if (key.startsWith('own|')) own.push(ownSchema.parse(document));
        if (isUntold(key)) untold.push(entrySchema.parse(document));
        if (key.startsWith('before|')) {
          before.push({ key, entry: entrySchema.parse(document) });
        }
      }
      return {
        own,
        ...(begun === undefined
          ? {}
          : {
              unfinished: {
                at: begun.at,
                shows: begun.shows,
                form: begun.form,
                lossy: begun.lossy,
                before: before
                  .filter(({ key }) => key.startsWith(beforeKeyOf(begun.id)))
                  .map(({ entry }) => entry),
              },
            }),
        ...(seen === undefined ? {} : { seen }),
        ...(untold.length === 0 ? {} : { untold }),
      };
    },

    async begin(target, turn, { before, ...rest }) {
      const partition = partitionOf(target);
      const id = randomUUID();
      const rows = before.map((document, index): Row => {
        return { partition, key: `${beforeKeyOf(id)}${String(index).padStart(4, '0')}`, document };
      });
      const earlier = (await keysIn(partition)).filter(isBefore);
      if (rows.length > 0) await table.put(rows);
      // From here on it counts, and what an earlier change has written no more.
      const change = { partition, key: 'change', document: { ...rest, id } };
      const isOurs = await write(target, turn, { put: [change] });
      for (const key of isOurs ? earlier : rows.map((row) => row.key)) {
        await table.remove(partition, key);
      }
      return isOurs;
    },

    async settle(target, turn, { seen, keep, drop, untold = [] }) {
      const partition = partitionOf(target);
      const keys = await keysIn(partition);
      const lost = untold.map((document, index): Row => {
        return { partition, key: `untold|${String(index).padStart(4, '0')}`, document };
      });
      // Before the note goes by which it is known.
      if (lost.length > 0) await table.put(lost);
      const isOver = (key: string): boolean =>
        isBefore(key) || (isUntold(key) && !lost.some((row) => row.key === key));
      const gone = ['change', ...drop.map(ownKeyOf)].filter((key) => keys.includes(key));
      const isOurs = await write(target, turn, {
        put: [{ partition, key: 'seen', document: seen }, ...keep.map((key) => toRow(target, key))],
        remove: [...new Set(gone)],
      });
      for (const key of isOurs ? keys.filter(isOver) : []) await table.remove(partition, key);
      return isOurs;
    },
  };
}

const turnSchema = z.object({ holder: z.string(), until: z.string() });

function toDocument({ holder, now, seconds }: Turn): z.infer<typeof turnSchema> {
  return { holder, until: new Date(now.getTime() + seconds * 1_000).toISOString() };
}

const form = z.enum(FORMS);
const changeSchema = z.object({
  at: z.string(),
  id: z.string(),
  shows: z.object({
    there: z.array(z.string()).readonly(),
    gone: z.array(z.string()).readonly(),
  }),
  form,
  lossy: z.array(form).readonly(),
});
const seenSchema = z.object({ at: z.string(), keyIds: z.array(z.string()).readonly() });
const text = z.string();
export const ownSchema = z.object({
  source: z.object({ vault: text, name: text }),
  thumbprint: text,
  der: text,
  startsAt: text,
  expiresAt: text,
  registeredAt: text,
  keyId: text.exactOptional(),
  name: text.exactOptional(),
  verifiedAt: text.exactOptional(),
  ahead: z.literal(true).exactOptional(),
  removeAfter: text.exactOptional(),
}) satisfies z.ZodType<OwnKey>;
const entrySchema = z.object({
  keyId: text,
  thumbprint: text.exactOptional(),
  displayName: text.exactOptional(),
  usage: text.exactOptional(),
  startsAt: text.exactOptional(),
  expiresAt: text.exactOptional(),
  raw: z.record(text, z.unknown()),
}) satisfies z.ZodType<KeyEntry>;

export function partitionOf(target: KeyTarget): string {
  return `keys|${encodeKey(targetKey(target))}`;
}

export function ownKeyOf({ source, thumbprint }: Pick<OwnKey, 'source' | 'thumbprint'>): string {
  return `own|${encodeKey(formatSource(source))}|${thumbprint}`;
}

function beforeKeyOf(change: string): string {
  return `before|${change}|`;
}

function isUntold(key: string): boolean {
  return key.startsWith('untold|');
}

function isBefore(key: string): boolean {
  return key.startsWith('before|');
}
