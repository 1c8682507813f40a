import * as z from 'zod';

/** The order in which what belongs to a service or a workspace is walked. */
const STAGES = ['own', 'fragments', 'gateways', 'apis', 'products'] as const;
export type Stage = (typeof STAGES)[number];

/** How far a walk has come: it has done this part and everything before it. */
export interface Position {
  /** Lower case; empty = the service itself, which comes first. */
  readonly workspace: string;
  readonly stage: Stage;
  /** Lower case; absent = all of the stage. */
  readonly id?: string;
}

export const positionSchema = z.object({
  workspace: z.string(),
  stage: z.enum(STAGES),
  id: z.string().exactOptional(),
}) satisfies z.ZodType<Position>;

/** Whether all of a stage lies behind. */
export function hasPassedStage(
  after: Position | undefined,
  workspace: string,
  stage: Stage,
): boolean {
  if (after === undefined || workspace > after.workspace) return false;
  if (workspace < after.workspace) return true;
  const ahead = STAGES.indexOf(stage) - STAGES.indexOf(after.stage);
  return ahead < 0 || (ahead === 0 && after.id === undefined);
}

/** Whether a part of a stage that is not behind as a whole lies behind. */
export function hasPassed(
  after: Position | undefined,
  { workspace, stage, id = '' }: Position,
): boolean {
  return (
    after?.id !== undefined &&
    after.workspace === workspace &&
    after.stage === stage &&
    id <= after.id
  );
}
