/** The chapters of the story in which somebody has a file. */
import type { ShownOperation, Uploaded } from './app-client.ts';
import { readInstalled } from '../seed/certificates.ts';
import { commonName, TEAM } from '../seed/fleet.ts';
import { makeSelfSigned, type SelfSigned } from '../seed/self-signed.ts';
import type { Chapter, Ending, Stage } from './story.ts';
import { waitFor } from './wait-for.ts';

const INVOICES = { vault: 'contoso-kv', name: 'invoices' } as const;
const { service, workspace } = TEAM;
const PLACES = [{ service }, { service, workspace }];

const about = { certificate: INVOICES.name, service: `${service}, ${workspace}` } as const;

export const UPLOADS: readonly Chapter[] = [
  {
    title: 'Somebody uploads a .pfx, for a service and for a workspace',
    ...about,
    play: (stage) => upload(stage, 'uploaded'),
  },
  {
    title: 'Its next version is uploaded, and both follow',
    ...about,
    play: (stage) => upload(stage, 'rotated'),
  },
];

/** Uploads it, as new or as the next version, and waits until every place holds it. */
async function upload(stage: Stage, outcome: 'uploaded' | 'rotated'): Promise<Ending> {
  const { app, signal, say } = stage;
  const certificate = await makeSelfSigned(commonName(INVOICES.name), new Date());
  const file = Buffer.from(certificate.pfx, 'base64');
  const start = performance.now();
  const uploaded =
    outcome === 'uploaded'
      ? await app.upload(file, {
          ...INVOICES,
          targets: `${service}, ${service}/workspaces/${workspace}`,
        })
      : await app.uploadVersion(INVOICES.vault, INVOICES.name, file);
  say(`   understood ${uploaded.understood.subject}, ${uploaded.understood.keyType}`);
  const operation = await ended(stage, uploaded);
  const seconds = (performance.now() - start) / 1_000;
  if (operation.state !== 'succeeded') {
    throw new Error(operation.problem?.message ?? `the operation is ${operation.state}`);
  }
  signal.throwIfAborted();
  await requireEverywhere(stage, certificate);
  say(`   verified   at both`);
  return { outcome, thumbprint: certificate.thumbprint, seconds };
}

async function ended({ app, signal }: Stage, { id }: Uploaded): Promise<ShownOperation> {
  return await waitFor(
    `The upload of ${INVOICES.name}`,
    async () => {
      const operation = await app.operation(id);
      const open = operation?.state === 'pending' || operation?.state === 'running';
      return open ? undefined : operation;
    },
    { signal },
  );
}

async function requireEverywhere({ azure }: Stage, { thumbprint }: SelfSigned): Promise<void> {
  for (const place of PLACES) {
    const installed = await readInstalled(azure, place, INVOICES.name);
    if (installed?.thumbprint !== thumbprint) throw new Error('a place holds another certificate');
  }
}
