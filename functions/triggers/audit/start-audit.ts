import type { DurableClient } from 'durable-functions';
import { AUDIT, AUDIT_INSTANCE, type AuditInput } from '../../../shared/contracts/audit.ts';
import { startOrJoin, type FindStatus } from '../../../shared/durable/start-or-join.ts';
import { toRequestedBy } from '../../../shared/http/caller.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';
import { auditStartedSchema, startedAt, STARTED_HEADERS } from '../../../shared/http/started.ts';

export interface StartAuditPorts {
  readonly findStatus: FindStatus;
}

/** The timer: one audit at a time. */
export function makeAuditTimer({ findStatus }: StartAuditPorts) {
  return async (_timer: unknown, client: DurableClient): Promise<void> => {
    await startOrJoin(client, findStatus, AUDIT, { instanceId: AUDIT_INSTANCE });
  };
}

/** `POST /api/audits`: audits now, or joins the audit that is running; 202. */
export function makeStartAuditRoute({ findStatus }: StartAuditPorts): Route {
  return defineRoute({
    name: 'StartAudit',
    method: 'POST',
    path: 'audits',
    role: 'Certkeeper.Upload',
    summary: 'Audit everything under care now',
    description:
      'Starts an audit, or joins the one that is running. It reads every vault and service and ' +
      'changes nothing there; the operation says how far it is, and at its end names the report.',
    answers: {
      202: {
        description: 'The audit runs',
        schema: auditStartedSchema,
        headers: STARTED_HEADERS,
      },
    },
    problems: [],
    handle: async ({ caller, client }) => {
      const id = AUDIT_INSTANCE;
      const input: AuditInput = { by: toRequestedBy(caller) };
      await startOrJoin(client, findStatus, AUDIT, { instanceId: id, input });
      const { operation, headers } = startedAt(id);
      return { status: 202, headers, jsonBody: { id, operation } };
    },
  });
}
