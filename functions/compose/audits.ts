import * as df from 'durable-functions';
import { publicIssuers } from '../../shared/certificates/public-issuers.ts';
import * as contracts from '../../shared/contracts/audit.ts';
import * as notifyContracts from '../../shared/contracts/notify.ts';
import { findStatus } from '../../shared/durable/start-once.ts';
import { VERSION } from '../../shared/http/openapi-texts.ts';
import { renderReport } from '../../shared/report/render-report.ts';
import { makeReportReader } from '../../shared/report/report-reader.ts';
import { makeComposeAudit } from '../activities/audit/compose-audit.ts';
import { makeKeepBackup } from '../activities/audit/keep-backup.ts';
import { makeNoteUnreadable } from '../activities/audit/note-unreadable.ts';
import { makeReadService, makeReadVault } from '../activities/audit/read-part.ts';
import { makeTidyAudits } from '../activities/audit/tidy-audits.ts';
import { tellMarks } from '../activities/installations/tell-marks.ts';
import { makeHandOverReport } from '../activities/notify/hand-over-report.ts';
import { makeTellPlace } from '../activities/notify/tell-place.ts';
import { audit } from '../orchestrations/audit.ts';
import { notify } from '../orchestrations/notify.ts';
import { makeAuditTimer } from '../triggers/audit/start-audit.ts';
import type { RegisterActivity } from './register-activity.ts';
import { askToTell } from './telling.ts';
import type { World } from './world.ts';

/** The audit: its parts, its report, its timer. */
export function registerAudits(world: World, activity: RegisterActivity): void {
  const { adapters, config } = world;
  const { access, acknowledgements, auditParts: parts, auditReports: reports, ledger } = adapters;
  const { backups } = adapters;

  df.app.orchestration(contracts.AUDIT, audit);
  activity(
    contracts.readVault,
    makeReadVault({ inventories: adapters.vaultInventories, access, parts }),
  );
  activity(
    contracts.readService,
    makeReadService({
      ...{ inventories: adapters.serviceInventories, parts },
      usage: adapters.usageOverview,
    }),
  );
  activity(contracts.noteUnreadable, makeNoteUnreadable({ ...config, parts }));
  activity(
    contracts.composeAudit,
    makeComposeAudit({
      ...{ parts, reports, acknowledgements, ledger, publicIssuers },
      reader: makeReportReader(reports),
      ...{ vaults: config.vaults, services: config.services },
      vaultSuffix: config.cloud.vaultSuffix,
      render: renderReport,
      undelivered: () => adapters.notifyFailures.undelivered(),
      marks: () => tellMarks(adapters.installations, config.services),
      keepBackup: makeKeepBackup({ backups, version: VERSION, pause: world.pause }),
      settings: { expiryDays: config.expiryDays },
    }),
  );
  activity(
    contracts.tidyAudits,
    makeTidyAudits({ parts, reports, backups, keepSeconds: config.auditKeepSeconds }),
  );
  df.app.client.timer('AuditTimer', {
    schedule: config.auditSchedule,
    handler: makeAuditTimer({ findStatus }),
  });
}

/** Telling places what happened: an orchestration for each place. */
export function registerNotifications(world: World, activity: RegisterActivity): void {
  const { adapters, config, messenger, metrics, now, placeNames } = world;
  const { figures, notes, placeArrivals } = adapters;
  const reader = makeReportReader(adapters.auditReports);
  const { rules, places } = config.notify;

  df.app.orchestration(notifyContracts.NOTIFY, notify);
  const handOverReport = makeHandOverReport({
    ...{ reader, notes, figures, places: placeNames },
  });
  activity(
    notifyContracts.handOverReport,
    (input, context) => handOverReport(input, (place) => askToTell(world, context, place)),
    { startsSyncs: true },
  );
  activity(notifyContracts.openNotify, async ({ place }) => ({
    arrival: (await placeArrivals.read(place)).number,
  }));
  activity(
    notifyContracts.tellPlace,
    makeTellPlace({
      ...{ messenger, notes, reader, rules, places, metrics, now },
      publicUrl: config.publicUrl,
    }),
  );
  activity(notifyContracts.noteUndelivered, async ({ place, problem, at }) => {
    await notes.noteFailure(place, { problem, at });
    return null;
  });
  activity(notifyContracts.closeNotify, async ({ place, arrival }) => ({
    again: !(await placeArrivals.close(place, arrival)),
  }));
}
