import {
  isUnreadable,
  parseTarget,
  targetKey,
  type Target,
  type UnreadableTarget,
} from './target.ts';
import { isAckTag } from './audit/ack-tags.ts';
import type { Source } from './source.ts';

/** What a source's tags ask of Certkeeper. */
export type Asked =
  /** No tag says anything. A missing tag never unbinds: the ledger holds. */
  | { readonly kind: 'nothing' }
  /** `certkeeper: ignore`: hands off. */
  | { readonly kind: 'ignore' }
  /** `certkeeper-targets: none`: give up every binding of this source. */
  | { readonly kind: 'unbind' }
  | {
      readonly kind: 'targets';
      readonly targets: readonly Target[];
      readonly unreadable: readonly UnreadableTarget[];
    };

const TARGETS_TAG = /^certkeeper-targets(?:-(\d{1,3}))?$/;

/**
 * Reads the tags of a source's current version: `certkeeper-targets` holds a comma-separated list
 * of target paths, continued in `certkeeper-targets-2`, `-3`, … (Key Vault limits a tag's value).
 */
export function readAskedTargets(tags: Readonly<Record<string, string>>, source: Source): Asked {
  const entries = Object.entries(tags).map(
    ([name, value]) => [name.trim().toLowerCase(), value] as const,
  );
  if (
    entries.some(
      ([name, value]) => name === 'certkeeper' && value.trim().toLowerCase() === 'ignore',
    )
  ) {
    return { kind: 'ignore' };
  }
  const values = entries
    .flatMap(([name, value]) => {
      const match = TARGETS_TAG.exec(name);
      return match === null ? [] : [{ order: Number(match[1] ?? '1'), value }];
    })
    .sort((a, b) => a.order - b.order);
  const paths = values
    .flatMap(({ value }) => value.split(',').map((path) => path.trim()))
    .filter((path) => path !== '');
  if (paths.length === 0) return { kind: 'nothing' };
  if (paths.length === 1 && paths[0]?.toLowerCase() === 'none') return { kind: 'unbind' };

  const targets = new Map<string, Target>();
  const unreadable: UnreadableTarget[] = [];
  for (const path of paths) {
    const target = parseTarget(path, source);
    if (isUnreadable(target)) unreadable.push(target);
    else targets.set(targetKey(target), target);
  }
  return { kind: 'targets', targets: [...targets.values()], unreadable };
}

/** A tag that is meant for Certkeeper, by its name, and says nothing it understands. */
export interface StrangeTag {
  readonly name: string;
  readonly message: string;
}

/** Finds mistyped tags: a certificate that is not kept for a letter's sake should say so. */
export function findStrangeTags(tags: Readonly<Record<string, string>>): readonly StrangeTag[] {
  return Object.entries(tags).flatMap(([name, value]): StrangeTag[] => {
    const key = name.trim().toLowerCase();
    if (!key.startsWith('certkeeper')) return [];
    if (TARGETS_TAG.test(key)) {
      return value.trim() === '' ? [{ name, message: 'it is empty' }] : [];
    }
    // What it says is read by the audit, which also tells what it cannot read.
    if (isAckTag(key)) return [];
    if (key !== 'certkeeper') {
      return [
        {
          name,
          message: 'Certkeeper knows certkeeper-targets, certkeeper-ack (-2, -3, …) and certkeeper',
        },
      ];
    }
    return value.trim().toLowerCase() === 'ignore'
      ? []
      : [{ name, message: 'the only value it may have is ignore' }];
  });
}
