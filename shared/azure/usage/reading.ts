import { isRestError } from '@azure/core-rest-pipeline';
import type { Gate } from './gate.ts';
import type { Pages, Realm, Text } from './realm.ts';
import { serviceError, statusOf } from '../to-domain-error.ts';
import type { UseDocument, UseDocumentKind } from '../../domain/certificate-use.ts';
import { scanPolicy } from '../../policies/scan-policy.ts';

/** What was known of a place, by path in lower case: texts whose state is the same are not read. */
export type Known = ReadonlyMap<string, UseDocument>;
export const NOTHING_KNOWN: Known = new Map();

/** Reads what the parts of a walk are made of. Errors are those of the SDK, as they come. */
export class Reading {
  readonly gate: Gate;
  /** Bodies of policies and fragments that were read. */
  bodies = 0;
  readonly #now: () => Date;
  readonly #everything: boolean;
  readonly #certificateIds = new Map<string, Promise<ReadonlySet<string>>>();

  /** @param everything that nothing may be missed, even where things go while they are listed */
  constructor(gate: Gate, now: () => Date, everything = false) {
    this.gate = gate;
    this.#now = now;
    this.#everything = everything;
  }

  now(): string {
    return this.#now().toISOString();
  }

  /**
   * All items of a list. Where the service's tier has no such thing there are none.
   *
   * The next page begins after so many items (`$skip`), so that one is passed over when another one
   * before it goes meanwhile: where nothing may be missed, a list of several pages is read twice.
   * @param list asks for it anew each time
   * @param owner what the list belongs to: when that is gone there are none
   */
  async list<Item extends Listed>(
    list: () => Pages<Item>,
    owner?: () => Promise<unknown>,
  ): Promise<Item[]> {
    try {
      const first = await this.#listOnce(list());
      if (!this.#everything || first.pages < 2) return first.items;
      const second = await this.#listOnce(list());
      const known = new Set(second.items.map(nameOf));
      return [...second.items, ...first.items.filter((one) => !known.has(nameOf(one)))];
    } catch (error) {
      if (isNotInTier(error)) return [];
      if (owner !== undefined && statusOf(error) === 404 && !(await this.#isThere(owner))) {
        return [];
      }
      throw error;
    }
  }

  /** Ids of a realm's certificates, lower case; listed once in a walk. */
  certificateIds(realm: Realm): Promise<ReadonlySet<string>> {
    const known = this.#certificateIds.get(realm.prefix);
    if (known !== undefined) return known;
    const ids = this.list(() => realm.certificates(), ownerOf(realm)).then(
      (listed) => new Set(listed.map(nameOf)),
    );
    this.#certificateIds.set(realm.prefix, ids);
    return ids;
  }

  async #listOnce<Item>(pages: Pages<Item>): Promise<{ items: Item[]; pages: number }> {
    const iterator = pages.byPage()[Symbol.asyncIterator]();
    const items: Item[] = [];
    for (let count = 0; ; count += 1) {
      const page = await this.gate.run(() => iterator.next());
      if (page.done === true) {
        // The end is known from the last page, without a call.
        this.gate.calls -= 1;
        return { items, pages: count };
      }
      for (const item of page.value) items.push(item);
    }
  }

  /** A policy or a fragment; undefined when there is none. */
  async text(
    text: Text,
    path: string,
    kind: Extract<UseDocumentKind, 'policy' | 'policy-fragment'>,
    known: Known,
  ): Promise<UseDocument | undefined> {
    const before = known.get(path.toLowerCase());
    try {
      if (before?.etag !== undefined) {
        const { eTag } = await this.gate.run(() => text.tag());
        if (eTag === before.etag) return before;
      }
      const { eTag, value } = await this.gate.run(() => text.read());
      this.bodies += 1;
      const { mentions, unreadable } = scanPolicy(value ?? '');
      return {
        path,
        kind,
        ...(eTag === undefined ? {} : { etag: eTag }),
        readAt: this.now(),
        mentions,
        ...(unreadable === undefined ? {} : { unreadable }),
      };
    } catch (error) {
      // None, or gone with what it belonged to: either way it names nothing.
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async #isThere(owner: () => Promise<unknown>): Promise<boolean> {
    try {
      await this.gate.run(owner);
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }
}

/** What tells items of a list apart. */
interface Listed {
  readonly name?: string;
  readonly apiId?: string;
}

function nameOf({ name, apiId }: Listed): string {
  return (name ?? apiId ?? '').toLowerCase();
}

/** What a realm's own lists belong to: a service that is gone is told, a workspace may be gone. */
export function ownerOf(realm: Realm): (() => Promise<unknown>) | undefined {
  return realm.workspace === undefined ? undefined : () => realm.require();
}

/**
 * Whether Azure says that the service's tier has no such thing: 400 `MethodNotAllowedInPricingTier`
 * (apiops#686 for groups; apiops-cli#129 for `GET workspaces`; the same of gateways). Of workspaces
 * public clients quote a `ValidationError` besides, in these words.
 */
export function isNotInTier(error: unknown): boolean {
  if (!isRestError(error) || error.statusCode !== 400) return false;
  const { code, message } = serviceError(error);
  return (
    code === 'MethodNotAllowedInPricingTier' ||
    /workspace feature is not supported in this service tier/i.test(message)
  );
}
