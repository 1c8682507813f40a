/** What a question to Azure is made of. */
import type { VerifyWorld } from './world.ts';

/** What has to be allowed on the command line before a question is asked. */
export type Need = 'slow' | 'graph' | 'consent';

export const NEEDS: Readonly<Record<Need, string>> = {
  slow: 'takes 15 minutes and more; --slow asks it',
  graph: 'makes Entra applications and removes them again; --graph asks it',
  consent:
    'gives a throw-away application a Graph permission, for which an administrator must be signed in; --consent asks it',
};

/** What the simulated Azure says: by a setting, whose default counts, or always the same. */
export type Assumption = { readonly setting: string } | { readonly always: string };

export interface Question {
  /** Unique, e.g. `refresh-answer`. */
  readonly id: string;
  /** One line for a person, e.g. `refreshSecret of a certificate that was uploaded`. */
  readonly title: string;
  readonly assumes: Assumption;
  /** Where one would look it up: the page or report that leaves it open, or says it. */
  readonly source: string;
  readonly needs?: readonly Need[];
  /**
   * Asks, and puts the answer into the assumption's words. An answer that none of them fits comes
   * back as it is.
   * Thrown when it could not be asked: NotAsked saying why.
   */
  ask(world: VerifyWorld): Promise<string>;
}

/** The questions about one part of Azure. */
export interface Area {
  readonly name: string;
  readonly questions: readonly Question[];
}

/** A question that could not be put; the message says why, and what would help. */
export class NotAsked extends Error {
  override readonly name = 'NotAsked';
}
