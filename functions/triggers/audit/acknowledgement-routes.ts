import * as z from 'zod';
import type { Acknowledgements, AuditReports } from '../../../shared/domain/audit/audit-ports.ts';
import { faultOfAcknowledgement } from '../../../shared/domain/audit/acknowledgement.ts';
import type { AuditFinding } from '../../../shared/domain/audit/audit-report.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { requestedBySchema } from '../../../shared/contracts/schemas.ts';
import { toRequestedBy } from '../../../shared/http/caller.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';
import { makeReportReader } from '../../../shared/report/report-reader.ts';

export interface AcknowledgementRoutePorts {
  readonly acknowledgements: Acknowledgements;
  readonly reports: Pick<AuditReports, 'list' | 'open'>;
  readonly now: () => Date;
}

const params = z.object({
  id: z.string().min(1).max(200).describe('The id of a finding, as the report has it'),
});

const acknowledgedSchema = z
  .object({
    finding: z.string(),
    message: z.string().describe('What the finding says'),
    reason: z.string(),
    until: z.string().describe('The last day on which it counts'),
    by: requestedBySchema,
  })
  .meta({ id: 'AcknowledgedFinding' });

/**
 * `PUT /api/findings/{id}/acknowledgement`: somebody knows of a finding of the latest report and lives
 * with it until a day. From the next audit on it counts apart. Asked again it is replaced.
 */
export function makeAcknowledgeRoute(ports: AcknowledgementRoutePorts): Route {
  return defineRoute({
    name: 'AcknowledgeFinding',
    method: 'PUT',
    path: 'findings/{id}/acknowledgement',
    role: 'Certkeeper.Manage',
    summary: 'Acknowledge a finding until a day',
    description:
      'It takes a name, for it answers for what is found. From the next audit on the finding counts ' +
      'apart, and nobody is told of it, until that day is over or it becomes graver.',
    params,
    body: z.object({
      reason: z.string().describe('Why it may stay as it is; shown with the finding'),
      until: z.string().describe('The last day on which it counts, e.g. 2027-03-31'),
    }),
    answers: { 200: { description: 'It is acknowledged', schema: acknowledgedSchema } },
    problems: ['NOT_FOUND'],
    handle: async ({ params: { id }, body: { reason, until }, caller }) => {
      const fault = faultOfAcknowledgement({ reason, until }, ports.now().toISOString());
      if (fault !== undefined) throw new TerminalError({ code: 'INVALID_REQUEST', message: fault });
      const { message, severity } = await findFinding(ports.reports, id);
      const by = toRequestedBy(caller);
      // What becomes graver has not been acknowledged as that.
      await ports.acknowledgements.put(id, { reason, until, severity, by, from: 'http' });
      return { status: 200, jsonBody: { finding: id, message, reason, until, by } };
    },
  });
}

/** `DELETE /api/findings/{id}/acknowledgement`: from the next audit on the finding counts again. */
export function makeUnacknowledgeRoute({
  acknowledgements,
}: Pick<AcknowledgementRoutePorts, 'acknowledgements'>): Route {
  return defineRoute({
    name: 'UnacknowledgeFinding',
    method: 'DELETE',
    path: 'findings/{id}/acknowledgement',
    role: 'Certkeeper.Manage',
    summary: 'Take an acknowledgement back',
    description: 'One that a tag gives stands until the tag is taken off.',
    params,
    answers: { 204: { description: 'It is taken back' } },
    problems: ['NOT_FOUND'],
    handle: async ({ params: { id } }) => {
      if (await acknowledgements.remove(id)) return { status: 204 };
      throw new TerminalError({
        code: 'NOT_FOUND',
        message: `The finding ${id} is not acknowledged over HTTP.`,
        resource: id,
        cure: 'Where a tag acknowledges it, take the tag certkeeper-ack off the certificate.',
      });
    },
  });
}

/** A mistyped id must not look as if something had been acknowledged. */
async function findFinding(
  reports: AcknowledgementRoutePorts['reports'],
  id: string,
): Promise<AuditFinding> {
  for await (const latest of reports.list()) {
    const report = await makeReportReader(reports).read(latest.id);
    const finding = report?.findings.find((one) => one.id === id);
    if (finding !== undefined) return finding;
    break;
  }
  throw new TerminalError({
    code: 'NOT_FOUND',
    message: `The latest report has no finding ${id}.`,
    resource: id,
    cure: 'Take the id from the report: GET /api/audits/latest, or certkeeper report',
  });
}
