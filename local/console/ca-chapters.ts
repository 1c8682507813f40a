/** The chapters of the story about CA certificates, which a service takes as a whole or not at all. */
import { makeAuthority, type Authority } from '../seed/authority.ts';
import { azureTime } from '../seed/azure-time.ts';
import type { AzureWire } from '../seed/azure-wire.ts';
import { API, serviceId } from '../seed/fleet.ts';
import type { ShownOperation, UploadedCa } from './app-client.ts';
import type { Chapter, Ending, Stage } from './story.ts';
import { shortThumbprint } from './thumbprint.ts';
import { waitFor } from './wait-for.ts';

const SERVICE = 'contoso-gw';
/** In place of a quarter of an hour and more: long enough for others to come meanwhile. */
const UPDATE_SECONDS = 1.5;
const UPDATE_SETTING = 'apiManagement.operationSeconds';

/** What the first of these chapters leaves for the second. */
interface Begun {
  readonly root: Authority;
  /** Made beforehand: the update does not wait. */
  readonly more: readonly Authority[];
  readonly operation: string;
  readonly usualSeconds: unknown;
}

export function makeCaChapters(): readonly Chapter[] {
  let begun: Begun | undefined;
  return [
    {
      title: 'A private CA is uploaded: the whole service is updated, which takes long',
      certificate: 'contoso-root',
      service: SERVICE,
      async play(stage) {
        const start = performance.now();
        begun = await begin(stage);
        const { thumbprint } = begun.root;
        return { outcome: 'update under way', thumbprint, seconds: since(start) };
      },
    },
    {
      title: 'Two more come meanwhile: both go into one update, and nothing is wiped',
      certificate: 'and 2 more CAs',
      service: SERVICE,
      async play(stage) {
        if (begun === undefined) throw new Error('no update is under way');
        return await joinIn(stage, begun);
      },
    },
  ];
}

async function begin({ azure, app, signal, say }: Stage): Promise<Begun> {
  const settings = (await azure.control('GET', 'settings')) as Record<string, { value: unknown }>;
  await azure.control('PUT', 'settings', { [UPDATE_SETTING]: UPDATE_SECONDS });
  await azure.control('DELETE', 'requests');
  const now = await azureTime(azure);
  const root = await makeAuthority('contoso-root', now);
  const more = [
    await makeAuthority('contoso-issuing', now, root),
    await makeAuthority('partner-root', now),
  ];
  const uploaded = await app.uploadCa(SERVICE, root.der);
  say(`   ${placed(uploaded)}: it signed itself`);
  await waitFor(
    `The update of ${SERVICE}`,
    async () => {
      const { update } = await app.caStore(SERVICE);
      return update === undefined || (await countUpdates(azure)) === 0 ? undefined : update;
    },
    { signal },
  );
  say(`   ${SERVICE} is being updated: ${uploaded.estimate}, here ${UPDATE_SECONDS} seconds`);
  return {
    ...{ root, more },
    operation: uploaded.id,
    usualSeconds: settings[UPDATE_SETTING]?.value,
  };
}

async function joinIn(stage: Stage, begun: Begun): Promise<Ending> {
  const { root, more, operation, usualSeconds } = begun;
  const { azure, app, say } = stage;
  const start = performance.now();
  for (const { der } of more) say(`   ${placed(await app.uploadCa(SERVICE, der))}`);
  const { update, waiting } = await app.caStore(SERVICE);
  if (update?.changes.some(({ thumbprint }) => thumbprint === root.thumbprint) !== true) {
    throw new Error('the first update was over before the others came');
  }
  say(`   ${waiting.length} wait until the update that is under way is over`);
  const { state, problem } = await ended(stage, operation);
  if (state !== 'succeeded') throw new Error(problem?.message ?? `the operation is ${state}`);
  const seconds = since(start);
  const updates = await countUpdates(azure);
  await azure.control('PUT', 'settings', { [UPDATE_SETTING]: usualSeconds });
  say(`   3 uploads took ${updates} updates of the service (PATCH, counted at /_local/requests)`);
  if (updates !== 2) throw new Error('the two did not go into one update');
  const { entries } = await app.caStore(SERVICE);
  for (const { store, subject, thumbprint } of entries) {
    say(`   ${store.padEnd(20)} ${shortThumbprint(thumbprint)} ${subject}`);
  }
  const there = new Set(await readStored(azure));
  for (const { commonName, thumbprint } of [root, ...more]) {
    if (!there.has(thumbprint)) throw new Error(`${commonName} is not at the service`);
  }
  return { outcome: 'all 3 there', thumbprint: '', seconds };
}

/** Where each certificate of an upload goes, in words. */
function placed({ entries }: UploadedCa): string {
  return entries.map(({ subject, store }) => `${subject} goes into ${store}`).join(', ');
}

async function ended({ app, signal }: Stage, id: string): Promise<ShownOperation> {
  return await waitFor(
    `The update of ${SERVICE}`,
    async () => {
      const operation = await app.operation(id);
      const open = operation?.state === 'pending' || operation?.state === 'running';
      return open ? undefined : operation;
    },
    { signal },
  );
}

/** Updates of the service that were sent and taken since the requests were last forgotten. */
async function countUpdates(azure: AzureWire): Promise<number> {
  const filter = `method=PATCH&principal=identity&path=**/service/${SERVICE}`;
  // The log of requests as docs/local.md has it.
  const { requests } = (await azure.control('GET', `requests?${filter}`)) as {
    readonly requests: readonly { readonly status: number }[];
  };
  return requests.filter(({ status }) => status < 300).length;
}

/** Thumbprints of the CA certificates that the service itself lists. */
async function readStored(azure: AzureWire): Promise<readonly string[]> {
  const found = await azure.resource(serviceId(SERVICE), API.apiManagement);
  // A service as API Management documents it.
  const { certificates } = (found?.properties ?? {}) as {
    readonly certificates?: readonly { readonly certificate: { readonly thumbprint: string } }[];
  };
  return (certificates ?? []).map(({ certificate }) => certificate.thumbprint.toUpperCase());
}

function since(start: number): number {
  return (performance.now() - start) / 1_000;
}
