/** Uploads of CA certificates that come together, and how long nobody can sign in with a new key. */
import path from 'node:path';
import { APP_ROLES } from '../local/app-roles.ts';
import { makeAppClient, type AppClient, type ShownOperation } from '../local/console/app-client.ts';
import { signIn, takeKey } from '../local/console/pipeline.ts';
import { waitFor } from '../local/console/wait-for.ts';
import { makeAuthority } from '../local/seed/authority.ts';
import { makeAzureWire, type AzureWire } from '../local/seed/azure-wire.ts';
import { importCertificate, readCertificate } from '../local/seed/certificates.ts';
import { findApplication } from '../local/seed/seed-application.ts';
import { makeSelfSigned } from '../local/seed/self-signed.ts';
import { startSystem } from '../local/system.ts';
import { ms, percentile, printFigures, progress, ratio } from './print.ts';

export interface CaSize {
  readonly uploads: number;
  readonly rotations: number;
  readonly renewals: number;
}

export interface CaFigures {
  /** PATCHes of the service that were taken, and CA certificates that it lists afterwards. */
  readonly updates: number;
  readonly listed: number;
  readonly uploadMs: number;
  /** Seconds as the operation says, from the vault's whole second. */
  readonly gaps: readonly number[];
  /** Milliseconds from the vault's answer to the import until the binding was seen verified. */
  readonly seen: readonly number[];
  /** Sign-ins with the new key that were refused from that moment on. */
  readonly refused: number;
  readonly renewedGaps: readonly number[];
  /** Milliseconds that the call took, key and sign-in included. */
  readonly renewed: readonly number[];
  readonly renewedRefused: number;
}

const SERVICE = 'contoso-gw';
const VAULT = 'contoso-kv';
const BOT = 'bench-bot';
/** In place of a quarter of an hour and more. */
const UPDATE_SECONDS = 1;

interface World {
  readonly azure: AzureWire;
  readonly app: AppClient;
}

/** Brings a system up and measures both; nobody signs in as nobody where keys are renewed. */
export async function measureCa(folder: string, size: CaSize): Promise<CaFigures> {
  progress('CA certificates and keys: bringing the system up …');
  const system = await startSystem({
    ...{ port: 0, azurePort: 0, storagePort: 0, stateDir: path.join(folder, 'ca') },
    signIn: { roles: APP_ROLES },
  });
  try {
    const azure = makeAzureWire(system.azureUrl);
    const app = makeAppClient(system.hostUrl, system.headers);
    const uploads = await uploadTogether({ azure, app }, size.uploads);
    return { ...uploads, ...(await rotateKeys({ azure, app }, size)) };
  } finally {
    progress('');
    await system.stop();
  }
}

async function uploadTogether({ azure, app }: World, uploads: number) {
  await azure.control('PUT', 'settings', { 'apiManagement.operationSeconds': UPDATE_SECONDS });
  const now = new Date();
  const roots = await Promise.all(
    Array.from({ length: uploads }, (_, at) => makeAuthority(`bench-root-${String(at)}`, now)),
  );
  await azure.control('DELETE', 'requests');
  progress('CA certificates: uploading …');
  const begun = performance.now();
  const [first] = await Promise.all(roots.map(({ der }) => app.uploadCa(SERVICE, der)));
  await ended(app, first?.id ?? '');
  const uploadMs = performance.now() - begun;
  const filter = `method=PATCH&principal=identity&path=**/service/${SERVICE}`;
  // The log of requests as docs/local.md has it.
  const { requests } = (await azure.control('GET', `requests?${filter}`)) as {
    readonly requests: readonly { readonly status: number }[];
  };
  const updates = requests.filter(({ status }) => status < 300).length;
  return { updates, listed: (await app.caStore(SERVICE)).entries.length, uploadMs };
}

async function rotateKeys({ azure, app }: World, { rotations, renewals }: CaSize) {
  const application = await findApplication(azure);
  if (application === undefined) throw new Error('The fleet has no application.');
  const { appId } = application;
  const isRefused = async (): Promise<number> =>
    (await signIn(azure, appId, await takeKey(azure, VAULT, BOT))) ? 0 : 1;
  await importCertificate(azure, VAULT, BOT, await makeSelfSigned(`${BOT}.test`, new Date()));
  await ended(app, await app.bind(VAULT, BOT, [`entra/applications/${appId}`]));

  const gaps: number[] = [];
  const seen: number[] = [];
  let refused = 0;
  for (let turn = 0; turn < rotations; turn += 1) {
    progress(`Keys: rotation ${String(turn + 1)} of ${String(rotations)} …`);
    const certificate = await makeSelfSigned(`${BOT}.test`, new Date());
    await importCertificate(azure, VAULT, BOT, certificate);
    const raised = performance.now();
    await verified(app, certificate.thumbprint);
    seen.push(performance.now() - raised);
    refused += await isRefused();
    gaps.push(gapOf(await ended(app, await app.sync(VAULT, BOT))));
  }
  const renewedGaps: number[] = [];
  const renewed: number[] = [];
  let renewedRefused = 0;
  for (let turn = 0; turn < renewals; turn += 1) {
    progress(`Keys: renewal ${String(turn + 1)} of ${String(renewals)} …`);
    const begun = performance.now();
    const { id } = await app.renewKey(VAULT, BOT);
    renewed.push(performance.now() - begun);
    renewedRefused += await isRefused();
    renewedGaps.push(gapOf(await ended(app, id)));
    await verified(app, (await readCertificate(azure, VAULT, BOT))?.thumbprint ?? '');
  }
  return { gaps, seen, refused, renewedGaps, renewed, renewedRefused };
}

async function ended(app: AppClient, id: string): Promise<ShownOperation> {
  return await waitFor(`The end of ${id}`, async () => {
    const operation = await app.operation(id);
    const open = operation?.state === 'pending' || operation?.state === 'running';
    return open ? undefined : operation;
  });
}

async function verified(app: AppClient, thumbprint: string): Promise<void> {
  await waitFor(`The verification of ${BOT}`, async () => {
    const one = (await app.certificates()).find(({ name }) => name === BOT);
    return one?.bindings.some(
      (binding) => binding.status === 'verified' && binding.thumbprint === thumbprint,
    ) === true
      ? true
      : undefined;
  });
}

function gapOf({ targets, state }: ShownOperation): number {
  const gap = targets?.[0]?.gapSeconds;
  if (gap === undefined) throw new Error(`An operation that ${state} does not say its gap.`);
  return gap;
}

/** Prints what was measured. */
export function printCa(figures: CaFigures, { uploads, rotations, renewals }: CaSize): void {
  const { updates, listed } = figures;
  printFigures(
    `CA certificates: ${String(uploads)} uploads at once to one service (an update takes ${String(UPDATE_SECONDS)} s here)`,
    [
      {
        what: 'updates of the service',
        value: String(updates),
        note: `${ratio(updates, uploads)} for each upload${updates > 2 ? ', MORE THAN 2' : ''}`,
      },
      {
        what: 'there afterwards',
        value: String(listed),
        note: listed === uploads ? 'all' : 'NOT ALL',
      },
      { what: 'until all are there', value: ms(figures.uploadMs), note: '3 s of it for gathering' },
    ],
  );
  const seconds = (value: number): string => `${value.toFixed(1)} s`;
  const [p50, max] = [percentile(figures.seen, 0.5), percentile(figures.seen, 1)];
  printFigures(
    `Keys: from the new version in the vault to its key at the application (${String(rotations)} rotations)`,
    [
      { what: 'the import answered → seen verified, p50', value: ms(p50) },
      { what: '… max', value: ms(max), note: `${ratio(max, p50)} × p50` },
      {
        what: 'gapSeconds, p50',
        value: seconds(percentile(figures.gaps, 0.5)),
        note: 'the vault tells whole seconds',
      },
      { what: '… max', value: seconds(percentile(figures.gaps, 1)) },
      { what: 'sign-ins refused once verified', value: String(figures.refused) },
    ],
  );
  printFigures(`Keys: renewed without a gap (${String(renewals)} renewals)`, [
    { what: 'gapSeconds, max', value: seconds(percentile(figures.renewedGaps, 1)) },
    { what: 'the call, p50', value: ms(percentile(figures.renewed, 0.5)) },
    {
      what: 'sign-ins refused once it is in the vault',
      value: String(figures.renewedRefused),
    },
  ]);
}
