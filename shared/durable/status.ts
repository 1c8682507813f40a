import type { OrchestrationContext } from './context.ts';

/** What an orchestration says of itself while it runs; `GET /api/operations/{id}` shows it. */
export interface ProgressStatus {
  /** A sentence that a person understands. */
  readonly step: string;
}

/** Sets the step that people see. Cheap: it travels with the turn's own commit. */
export function say(context: OrchestrationContext, step: string): void {
  context.df.setCustomStatus({ step } satisfies ProgressStatus);
}
