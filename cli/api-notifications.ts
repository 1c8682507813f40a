import type { ApiProblem } from './api.ts';

/** `POST /api/notifications/test`. */
export interface ApiNotificationsTested {
  readonly places: readonly {
    readonly place: string;
    readonly outcome: string;
    readonly seconds: number;
    readonly problem?: ApiProblem;
  }[];
}
