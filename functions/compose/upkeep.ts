import * as df from 'durable-functions';
import { makePurgeHistory, PURGE_SCHEDULE } from '../triggers/purge-history.ts';
import type { World } from './world.ts';

/** What keeps the app's own house clean. Reports of audits are forgotten by the audit itself. */
export function registerUpkeep({ config, now }: World): void {
  df.app.client.timer('PurgeHistoryTimer', {
    schedule: PURGE_SCHEDULE,
    handler: makePurgeHistory({ keepSeconds: config.historyKeepSeconds, now }),
  });
}
