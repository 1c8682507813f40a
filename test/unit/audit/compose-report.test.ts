import fc from 'fast-check';
import type { AuditFacts } from '../../../shared/domain/audit/audit-facts.ts';
import { SEVERITIES, type AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import { compareReports } from '../../../shared/domain/audit/compare-reports.ts';
import { composeReport } from '../../../shared/domain/audit/compose-report.ts';
import { FINDING_CODES } from '../../../shared/domain/audit/finding-codes.ts';
import { reportSchema } from '../../../shared/report/report-schema.ts';
import { anyFacts } from '../../support/audit/any-facts.ts';
import { sha256 } from '../../support/audit/make-facts.ts';
import { makeReport } from '../../support/audit/make-report.ts';

function compose(facts: AuditFacts): AuditReport {
  return composeReport(facts, sha256);
}

/** The same facts, all of whose lists are the other way round. */
function turnedRound(facts: AuditFacts): AuditFacts {
  return {
    ...facts,
    vaults: facts.vaults.toReversed().map((one) => ({
      ...one,
      certificates: one.certificates.toReversed(),
    })),
    services: facts.services.toReversed().map((one) => ({
      ...one,
      clients: one.clients.toReversed(),
      ca: one.ca.toReversed(),
    })),
    ledger: facts.ledger.toReversed().map((one) => ({
      ...one,
      bindings: one.bindings.toReversed(),
      access: one.access?.toReversed() ?? [],
    })),
  };
}

describe('A report', () => {
  test('tells of what is as grave first what has hurt longest, or will soonest', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { findings } = compose(facts);
        for (const severity of SEVERITIES) {
          const due = findings
            .filter((one) => one.severity === severity)
            .map(({ dueAt }) => dueAt ?? 'never');
          expect(due).toEqual(due.toSorted());
        }
      }),
    );
  });

  test('is the same of the same facts, in whatever order they come', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        expect(compose(turnedRound(facts))).toEqual(compose(facts));
      }),
    );
  });

  test('says nothing new of what has not changed', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const report = compose(facts);
        const { since: _, ...changes } = compareReports(report, report);
        expect(Object.values(changes).flat()).toEqual([]);
      }),
    );
  });

  test('is what its schema says', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const report = compose(facts);
        expect(reportSchema.parse(report)).toEqual(report);
        expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
      }),
    );
    expect(reportSchema.parse(makeReport({ hostile: true }))).toEqual(
      makeReport({ hostile: true }),
    );
  });

  test('names each certificate and each finding once, and of the latter what there is', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { certificates, findings, scope } = compose(facts);
        const ids = certificates.map(({ id }) => id.toLowerCase());
        expect(new Set(ids).size).toBe(ids.length);
        expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
        const named = new Set([
          ...certificates.map(({ id }) => id),
          ...[...scope.vaults, ...scope.services].map(({ name }) => name),
        ]);
        expect(findings.filter(({ about }) => !named.has(about))).toEqual([]);
      }),
    );
  });

  test('tells of no place two ways in which it does not follow its source', () => {
    const ways = new Set([
      'STALE_AT_TARGET',
      'HOSTNAME_STALE',
      'REFRESH_FAILED',
      'VERSION_PINNED_AT_TARGET',
      'SOURCE_GONE',
      'SOURCE_SOFT_DELETED',
      'ORPHANED',
      'UPLOADED_NOT_ROTATING',
    ]);
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const told = compose(facts)
          .findings.filter(({ code }) => ways.has(code))
          .map(({ about }) => about);
        expect(new Set(told).size).toBe(told.length);
      }),
    );
  });

  test('counts what is acknowledged apart', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(), (facts, which) => {
        const before = compose(facts);
        const chosen = before.findings[which % Math.max(before.findings.length, 1)];
        fc.pre(chosen !== undefined && chosen.acknowledged === undefined);
        const { severity } = chosen;
        const { headline } = compose({
          ...facts,
          acknowledgements: new Map([
            [chosen.id, { reason: 'known', until: '2027-01-31', severity, from: 'http' }],
          ]),
        });
        expect(headline.acknowledged).toBe(before.headline.acknowledged + 1);
        expect(headline.findings[severity]).toBe(before.headline.findings[severity] - 1);
      }),
    );
  });

  test('concludes nothing from what could not be read', () => {
    const gone = ['SOURCE_GONE', 'SOURCE_SOFT_DELETED', 'ORPHANED', 'STALE_AT_TARGET'];
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const unreadable = { code: 'CERTKEEPER_FIREWALLED', message: 'No way in.' } as const;
        const vaults = facts.vaults.map((one) => ({ ...one, unreadable }));
        const { findings } = compose({ ...facts, vaults });
        expect(findings.filter(({ code }) => gone.includes(code))).toEqual([]);
        const services = facts.services.map((one) => ({ ...one, unreadable }));
        const certificates = compose({ ...facts, services }).certificates;
        expect(certificates.filter(({ place }) => place !== 'vault')).toEqual([]);
      }),
    );
  });

  test('holds on one line whatever comes from outside, without anything a terminal obeys', () => {
    const free = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { findings, certificates } = compose(facts);
        const texts = [
          ...findings.flatMap(({ message, cure, acknowledged }) => [
            message,
            cure,
            acknowledged?.reason ?? '',
          ]),
          ...certificates.flatMap((one) => [
            one.subject ?? '',
            one.issuer ?? '',
            ...(one.sans ?? []),
            one.owner ?? '',
            one.refreshFailure?.message ?? '',
          ]),
        ];
        expect(texts.filter((text) => free.test(text))).toEqual([]);
      }),
    );
  });

  test('of the kind that pages are tried with has every code', () => {
    const { findings } = makeReport();
    expect(new Set(findings.map(({ code }) => code)).size).toBe(FINDING_CODES.length);
  });
});
