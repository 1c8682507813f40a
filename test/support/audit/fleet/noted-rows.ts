/**
 * What only passes, or hangs on what was before: syncs, checks and people have noted it. The troubles
 * of Fabrikam (local/seed/fabrikam) have the other findings, on the whole system.
 */
import { keepDetails } from '../../../../shared/azure/audit/kept-details.ts';
import { readPublicSide } from '../../../../shared/certificates/read-public-side.ts';
import type { ProblemCode } from '../../../../shared/domain/errors.ts';
import { serviceTaken, tellMark } from '../../../../shared/domain/installation.ts';
import type { Target } from '../../../../shared/domain/target.ts';
import type { AccessWorld } from '../../azure/access-world.ts';
import { makeTestCertificate } from '../../azure/make-pfx.ts';
import { openOpenssl } from '../../openssl/openssl.ts';
import { exportPkcs12, makeAuthorities } from '../../openssl/upload-files.ts';
import { makeAccess } from '../make-facts.ts';
import type { Fleet } from './fleet.ts';
import {
  attachAndUse,
  importPfx,
  noteBinding,
  noteSource,
  put,
  targetOf,
  type FleetRow,
} from './row.ts';

export const NOTED_ROWS: readonly FleetRow[] = [
  { where: 'all is in order', build: (w) => attachAndUse(w), finds: () => [] },
  {
    where: 'nobody has looked at what uses them',
    build: (w) => attachAndUse(w),
    usageUnread: true,
    finds: ({ service }) => [`USAGE_UNKNOWN ${service}`],
  },
  {
    where: 'a key is too weak',
    build: (w) => attachAndUse(w),
    // A vault takes no such key any more; what was imported long ago is kept as it was read.
    then: async (w, { table, ledger }) => {
      const { der } = await makeTestCertificate('CN=weak', { kty: 'RSA', keySize: 1_024 });
      const { looks, ...side } = readPublicSide(der);
      const [held] = (await ledger.ofSource({ vault: w.vault, name: 'c' })).bindings;
      const thumbprint = held?.targetThumbprint ?? '';
      await keepDetails(
        table,
        w.vault,
        new Map([
          [
            'c',
            {
              ...{ thumbprint, version: await w.currentVersion() },
              createdAt: await w.currentCreation(),
              details: { looks: { ...looks, thumbprint }, ...side, renewal: 'auto' },
            },
          ],
        ]),
      );
    },
    finds: ({ source }) => [`WEAK_KEY ${source()}`],
  },
  {
    where: 'an issuer is known neither to the file nor to the service',
    build: async (w) => {
      const openssl = openOpenssl();
      try {
        makeAuthorities(openssl);
        await importPfx(w, 'issued', exportPkcs12(openssl, 'rsa', '', []).toString('base64'));
      } finally {
        openssl.close();
      }
      await attachAndUse(w, ['issued']);
    },
    // As it is noted where somebody uploads the certificate without its chain.
    then: async (w, { chains, ledger }) => {
      const source = { vault: w.vault, name: 'issued' };
      const [held] = (await ledger.ofSource(source)).bindings;
      await chains.note(source, held?.targetThumbprint ?? '', 'incomplete');
    },
    finds: ({ source, service }) => [
      `CHAIN_BROKEN ${source('issued')}`,
      `ISSUER_NOT_IN_CA_STORE ${service}`,
    ],
  },
  {
    where: 'what a self-hosted gateway uses is in order',
    build: async (w) => {
      await attachAndUse(w);
      await put(w, 'gateways/shop', { locationData: { name: 'Shop' } });
      await put(w, 'gateways/shop/hostnameConfigurations/shop', {
        ...{ hostname: 'shop.contoso.com', certificateId: `${w.serviceId}/certificates/c` },
      });
    },
    finds: () => [],
  },
  {
    where: 'the gateways of a service may not be listed',
    build: (w) => attachAndUse(w),
    last: (w) => refuse(w, { method: 'GET', path: `**/service/${w.service}/gateways` }),
    finds: ({ service }) => [`SERVICE_UNREADABLE ${service}`],
  },
  {
    where: 'the last sync could not deal with a target that was in order before',
    build: (w) => attachAndUse(w),
    then: (w, fleet) =>
      noteBinding(w, fleet, {
        ...{ status: 'blocked', verifiedAt: fleet.now().toISOString() },
        problem: refused('AZURE_REFUSED'),
      }),
    finds: ({ client }) => [`SYNC_BLOCKED ${client()}`],
  },
  {
    where: 'a new version is held until somebody approves it',
    build: (w) => attachAndUse(w),
    then: async (w, fleet) => {
      await w.importVersion();
      await noteBinding(w, fleet, { status: 'blocked', problem: refused('VERSION_HELD') });
    },
    finds: ({ source }) => [`VERSION_HELD ${source()}`],
  },
  {
    where: 'the current version does not look like the one before',
    build: (w) => attachAndUse(w),
    then: async (w, fleet) =>
      noteSource(w, fleet, {
        suspect: { version: await w.currentVersion(), problem: refused('VERSION_SUSPECT') },
      }),
    finds: ({ source }) => [`VERSION_SUSPECT ${source()}`],
  },
  {
    where: 'a notification could not be delivered',
    build: (w) => attachAndUse(w),
    then: async (_, { undelivered, now }) => {
      undelivered.push({ place: 'teams', message: 'It answers 410.', at: now().toISOString() });
    },
    finds: () => ['NOTIFICATION_FAILED teams'],
  },
  {
    where: 'another installation keeps a service',
    build: (w) => attachAndUse(w),
    then: async ({ service }, { marks }) => {
      marks.push(serviceTaken(service, 'contoso-b'));
    },
    finds: ({ service }) => [`SERVICE_TAKEN ${service}`],
  },
  {
    where: 'the mark of a service may not be written',
    build: (w) => attachAndUse(w),
    then: async ({ service }, { marks }) => {
      const problem = refused('AZURE_REFUSED');
      const told = tellMark(service, { kind: 'unknown', lacks: 'write', problem });
      if (told !== undefined) marks.push(told);
    },
    finds: ({ service }) => [`SERVICE_UNMARKED ${service}`],
  },
  {
    where: 'the backup could not be written',
    build: (w) => attachAndUse(w),
    then: async (_, { backup }) => {
      backup.problem = refused('AZURE_REFUSED');
    },
    finds: () => ['BACKUP_FAILED certkeeper'],
  },
  {
    where: 'it is open which identity reads the vault',
    build: () => Promise.resolve(),
    then: async (w, fleet) => {
      await bindOnly(w, fleet);
      await w.identify(false, [await w.userIdentity(), await w.userIdentity()]);
    },
    finds: ({ service }) => [`IDENTITY_AMBIGUOUS ${service}`],
  },
  {
    where: 'a reference is to something else, or to no secret',
    build: async (w) => {
      await w.importVersion({}, undefined, 'd');
      await attachAndUse(w, ['c', 'd']);
    },
    // The checks leave it to the syncs whether a reference is right: as those note it.
    last: async (w, fleet) => {
      await noteAccess(w, fleet, 'REFERENCE_NOT_A_SECRET', targetOf(w));
      await noteAccess(w, fleet, 'REFERENCE_ELSEWHERE', targetOf(w, 'd'), 'd');
    },
    finds: ({ client }) => [
      `REFERENCE_NOT_A_SECRET ${client()}`,
      `REFERENCE_ELSEWHERE ${client('d')}`,
    ],
  },
  {
    where: 'a workspace is gone, and a record of Certkeeper cannot be read',
    build: (w) => attachAndUse(w),
    then: async (w, fleet) => {
      const target = { kind: 'workspace-certificate', service: w.service, id: 'c' } as const;
      const inWorkspace = { ...target, workspace: 'gone' };
      await bindOnly(w, fleet, inWorkspace);
      await noteAccess(w, fleet, 'WORKSPACE_NOT_FOUND', inWorkspace);
      await noteSource(w, fleet, {
        problems: [{ code: 'RECORD_UNREADABLE', message: 'A row cannot be read.' }],
      });
    },
    finds: ({ service, source }) => [
      `WORKSPACE_NOT_FOUND ${service}`,
      `RECORD_UNREADABLE ${source()}`,
    ],
  },
  {
    where: 'the firewall of a vault keeps Certkeeper itself out, for once',
    build: (w) => attachAndUse(w),
    then: async (w) => {
      const innererror = { code: 'ForbiddenByFirewall' };
      await w.ask('POST', '/_local/faults', {
        match: { host: `${w.vault}.vault.azure.net`, path: '/certificates/c/**' },
        answer: { status: 403, body: { error: { code: 'Forbidden', message: 'No.', innererror } } },
        times: 1,
      });
    },
    finds: ({ service }) => [`CERTKEEPER_FIREWALLED ${service}`],
  },
];

/** As a sync says it. */
const refused = (code: 'AZURE_REFUSED' | 'VERSION_HELD' | 'VERSION_SUSPECT') =>
  ({ code, message: `As a sync says it: ${code}.` }) as const;

/** Binds a target that is not there, as a tag asks for it. */
async function bindOnly(
  w: AccessWorld,
  { ledger }: Fleet,
  target: Target = targetOf(w),
): Promise<void> {
  const source = { vault: w.vault, name: 'c' };
  await ledger.claim(source, target);
  await ledger.saveBinding({
    ...{ source, target, origin: 'tag', claimed: true, status: 'blocked', versionless: false },
  });
}

/** Writes down what stands in the way of a target, as a sync does that was blocked by it. */
async function noteAccess(
  w: AccessWorld,
  { ledger }: Fleet,
  code: ProblemCode,
  target: Target,
  name = 'c',
): Promise<void> {
  const problem = { code, message: `As a check says it: ${code}.` };
  await ledger.saveAccess({ vault: w.vault, name }, [makeAccess(problem, { target })]);
}

async function refuse(w: AccessWorld, match: object): Promise<void> {
  await w.ask('POST', '/_local/faults', { match, answer: { status: 403, code: 'Forbidden' } });
}
