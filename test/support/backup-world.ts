/** A ledger in memory that holds a row of every kind, written by the adapters, and its backups. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { makeAcknowledgements } from '../../shared/azure/audit/acknowledgements.ts';
import { makeArrivals, makeCaArrivals } from '../../shared/azure/arrivals.ts';
import { makeBackups } from '../../shared/azure/backup/backups.ts';
import type { Care } from '../../shared/azure/backup/check-backup.ts';
import { makeRestores } from '../../shared/azure/backup/restore-backup.ts';
import { makeCaCopies } from '../../shared/azure/ca-copies.ts';
import { makeCaLedger } from '../../shared/azure/ca-ledger.ts';
import { makeCleanups } from '../../shared/azure/cleanups.ts';
import { makeGrants } from '../../shared/azure/grants.ts';
import { makeInstallationLedger } from '../../shared/azure/installations/installation-ledger.ts';
import { makeOwnKeys } from '../../shared/azure/keys/own-keys.ts';
import { makeLedger } from '../../shared/azure/ledger.ts';
import { makeNotifyLedger } from '../../shared/azure/notify-ledger.ts';
import { makeRepairs } from '../../shared/azure/repairs/repairs.ts';
import type { Cleanup } from '../../shared/domain/cleanup.ts';
import type { CaChange } from '../../shared/domain/ca-record.ts';
import { makeBound, makeOrphan } from './audit/make-facts.ts';
import {
  NEW_THUMBPRINT,
  NEW_VERSION,
  NOW,
  OLD_THUMBPRINT,
  SOURCE,
  TARGET,
} from './domain-samples.ts';
import { makeMemoryBlobs } from './memory-blobs.ts';
import { makeMemoryTable, type Table } from './memory-table.ts';

export const BACKUP = '20261128T020000Z-000001';
export const AT = '2026-11-28T02:00:00.000Z';
export const CARE: Care = {
  vaults: new Set(['contoso-kv']),
  services: new Set(['contoso-gw', 'contoso-eu-gw']),
};
const BY = { kind: 'platform' } as const;
export const APPLICATION = {
  kind: 'entra-application',
  appId: '11111111-2222-4333-8444-555555555555',
} as const;

export type BackupWorld = ReturnType<typeof makeBackupWorld>;

/** An installation's storage, empty. */
export function makeBackupWorld(care: Care = CARE) {
  const table = makeMemoryTable();
  const [copies, blobs] = [makeMemoryBlobs(), makeMemoryBlobs()];
  const backups = makeBackups({ table, copies }, blobs);
  const restores = makeRestores({ table, copies, care });
  return {
    ...{ table, copies, blobs, backups, restores },
    /** Writes a backup and answers it as it is stored. */
    backUp: async (): Promise<string> => {
      await backups.write({ id: BACKUP, at: AT, certkeeper: '0.1.0' });
      return Buffer.from((await backups.read(BACKUP)) ?? []).toString();
    },
    restore: (text: string, how: { merge?: boolean; dryRun?: boolean } = {}) =>
      restores.restore(fileOf(text), { merge: false, dryRun: false, by: BY, at: AT, ...how }),
  };
}

/** A text as a file that comes in pieces. */
export function fileOf(text: string) {
  const bytes = Buffer.from(text);
  return {
    async open() {
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.byteLength; at += 700) yield bytes.subarray(at, at + 700);
      }
      return pieces();
    },
  };
}

/** Makes a backup of lines, whose last one is right. */
export function sealed(lines: readonly string[]): string {
  const body = lines.map((line) => `${line}\n`).join('');
  const sha256 = createHash('sha256').update(body).digest('hex');
  return `${body}${JSON.stringify({ count: lines.length - 1, sha256 })}\n`;
}

/** Every row but how far bringing a backup back has come, by its key. */
export async function rowsOf(table: Table): Promise<ReadonlyMap<string, unknown>> {
  const rows = new Map<string, unknown>();
  for await (const { partition, key, document } of table.list()) {
    if (partition !== 'restore') rows.set(`${partition} ${key}`, document);
  }
  return rows;
}

/** A CA certificate, as DER. */
export function makeCa(): Uint8Array {
  const args =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=Root';
  return execFileSync('openssl', [...args.split(' '), '-keyout', '/dev/null', '-outform', 'DER'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Lets every adapter write what it writes. */
export async function fill({ table, copies }: Pick<BackupWorld, 'table' | 'copies'>) {
  const ledger = makeLedger(table);
  await ledger.claim(SOURCE, TARGET);
  await ledger.save(
    { source: SOURCE, version: NEW_VERSION, thumbprint: NEW_THUMBPRINT, problems: [] },
    [makeBound({ origin: 'http' })],
  );
  await ledger.saveOrphans(SOURCE, [makeOrphan()]);
  await ledger.approve(SOURCE, { version: NEW_VERSION, by: BY, at: NOW }, 'looks');
  await ledger.approve(SOURCE, { version: NEW_VERSION, by: BY, at: NOW }, 'breaking');
  await ledger.goBack(SOURCE, { thumbprint: OLD_THUMBPRINT, by: BY, at: NOW });
  await makeArrivals(table, () => new Date(NOW)).arrive(SOURCE, true);
  await fillCa(table, copies);
  await makeGrants(table).add({
    service: 'contoso-gw',
    gift: {
      ...{ kind: 'enable-identity', resource: '/gw', operation: 'https://operation?t=signed' },
      before: { caCertificates: [], hostnames: [], userAssigned: [], tags: [] },
    },
    ...{ status: 'given', source: SOURCE, target: TARGET, by: BY, intendedAt: NOW },
    ...{ holder: 'grant-1', heldUntil: NOW },
  });
  await makeOwnKeys(table).take(APPLICATION, { holder: 'a', now: new Date(NOW), seconds: 60 });
  await makeOwnKeys(table).extend(APPLICATION, { holder: 'a', now: new Date(NOW), seconds: 60 }, [
    {
      ...{ source: SOURCE, thumbprint: OLD_THUMBPRINT, der: 'MA==', startsAt: NOW, expiresAt: NOW },
      ...{ registeredAt: NOW, removeAfter: NOW },
    },
  ]);
  for (const cleanup of [makeCleanup('intended'), makeCleanup('removed')]) {
    await makeCleanups(table).add(cleanup);
    const stored = await makeCleanups(table).find(cleanup.id);
    if (stored !== undefined) await makeCleanups(table).replace(stored, cleanup);
  }
  await makeRepairs(table).save({
    ...{ id: '1-a', source: SOURCE, target: TARGET, document: 'policies/policy', at: NOW },
    ...{ thumbprint: OLD_THUMBPRINT, status: 'intended', operation: 'sync-1', by: BY },
    change: { kind: 'policy', copy: 'a.xml', before: 'x', after: 'y' },
  });
  await makeAcknowledgements(table).put('expires-soon-1', {
    ...{ reason: 'Known.', until: '2027-01-31', from: 'http' },
  });
  await makeNotifyLedger(table).settle('teams', {
    put: [
      {
        finding: {
          ...{
            id: 'expired-1',
            about: 'contoso-kv/gateway-client',
            resourceId: '/',
            cure: 'Renew',
          },
          ...{ message: 'It has expired.', since: NOW, code: 'EXPIRED', severity: 'critical' },
        },
        report: BACKUP,
      },
    ],
    ...{ forget: [], letters: [], at: NOW },
  });
  await makeInstallationLedger(table, undefined).own();
}

function makeCleanup(status: 'intended' | 'removed'): Cleanup {
  return {
    ...{ id: `8216234567890-${status.length}`, source: SOURCE, target: TARGET, status },
    ...{ fate: 'purged', since: NOW, at: NOW, operation: 'sweep', scannedAt: NOW },
    ...(status === 'removed' ? { removedAt: NOW } : {}),
    ...{ binding: { origin: 'http' }, installed: { etag: '"1"' } },
  };
}

async function fillCa(table: Table, copies: BackupWorld['copies']): Promise<void> {
  const der = makeCa();
  const thumbprint = createHash('sha1').update(der).digest('hex').toUpperCase();
  const entry = { store: 'Root', thumbprint, subject: 'CN=Root' } as const;
  const more = { issuer: 'CN=Root', notBefore: NOW, notAfter: NOW };
  await makeCaCopies(table, copies).keep(
    'contoso-gw',
    { thumbprint, subject: 'CN=Root', ...more },
    der,
  );
  await makeCaArrivals(table, () => new Date(NOW)).arrive('contoso-gw', true);
  const change = (id: string): CaChange => ({ ...entry, id, kind: 'remove', at: NOW, by: BY });
  await makeCaLedger(table).change('contoso-gw', () => ({
    next: {
      waiting: [change('1')],
      update: {
        id: 'u',
        intendedAt: NOW,
        changes: [change('2')],
        wanted: [],
        operation: 'https://o',
      },
      held: [
        {
          ...entry,
          holders: [
            { kind: 'hand', by: BY, at: NOW },
            { kind: 'source', source: SOURCE, at: NOW, until: NOW },
          ],
        },
      ],
      done: [{ change: change('3'), outcome: 'added', at: NOW, untold: true }],
    },
    result: null,
  }));
}
