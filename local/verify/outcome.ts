/** What came of a question, and of a run. */

export type Verdict = 'same' | 'different' | 'not asked';

export interface Outcome {
  readonly id: string;
  readonly area: string;
  readonly title: string;
  readonly source: string;
  /** The setting of the simulated Azure; absent where it has no choice. */
  readonly setting?: string;
  /** What the simulated Azure does unless told otherwise. */
  readonly assumed: string;
  readonly verdict: Verdict;
  /** What Azure does; absent when it was not asked. */
  readonly answer?: string;
  /** Why it was not asked. */
  readonly why?: string;
  /** The requests with their answers; names and ids are taken out. */
  readonly asked: readonly string[];
  readonly seconds: number;
}

export interface Report {
  readonly against: 'azure' | 'local';
  /** ISO time. */
  readonly startedAt: string;
  /** For example `Developer`. */
  readonly tier: string;
  readonly location: string;
  readonly outcomes: readonly Outcome[];
  /** What could not be removed, with the reason. */
  readonly left: readonly string[];
}

export function count({ outcomes }: Pick<Report, 'outcomes'>, verdict: Verdict): number {
  return outcomes.filter((one) => one.verdict === verdict).length;
}
