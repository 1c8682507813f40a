/** CA certificates of a service: every answer that is not a refusal is an update of the service. */
import { acceptOrRefuse, isSuccess, type Answer } from '../answer.ts';
import { isNamed } from '../ownership.ts';
import { NotAsked, type Area } from '../question.ts';
import { armUrl, askService, need, settle } from '../world.ts';
import type { VerifyWorld } from '../world.ts';
import { makeFile } from './files.ts';
import { upload } from './service-parts.ts';

const PAGE =
  'https://learn.microsoft.com/azure/api-management/api-management-howto-ca-certificates';

interface CaEntry {
  readonly storeName: 'Root' | 'CertificateAuthority';
  readonly encodedCertificate?: string;
  readonly certificate?: { readonly thumbprint: string };
}

export const ca: Area = {
  name: 'CA certificates',
  questions: [
    {
      id: 'change-during-update',
      title: 'PUT of a client certificate while the service is being updated',
      assumes: { setting: 'assumptions.changeDuringUpdate' },
      source: PAGE,
      needs: ['slow'],
      ask: async (world) => (await caStoreOf(world)).changeDuringUpdate,
    },
    {
      id: 'ca-entry-without-data',
      title: 'a CA certificate sent again with its thumbprint only',
      assumes: { setting: 'assumptions.caEntryWithoutData' },
      source: 'https://github.com/hashicorp/terraform-provider-azurerm/issues/15323',
      needs: ['slow'],
      async ask(world) {
        const { thumbprint } = await caStoreOf(world);
        const answer = await putCaStore(world, [
          { storeName: 'Root', certificate: { thumbprint } },
        ]);
        if (!isSuccess(answer)) return acceptOrRefuse(answer);
        const left = (await readCaStore(world)).map((one) => one.thumbprint);
        return left.includes(thumbprint) ? 'keep' : 'the certificate was lost';
      },
    },
    {
      id: 'cer-in-certificate-authority',
      title: 'a .cer for the store CertificateAuthority',
      assumes: { setting: 'assumptions.cerInCertificateAuthority' },
      source: 'https://github.com/hashicorp/terraform-provider-azurerm/issues/15600',
      needs: ['slow'],
      async ask(world) {
        const { entry } = await caStoreOf(world);
        const file = await makeFile(world, world.name('sub-ca'), { authority: true });
        const answer = await putCaStore(world, [
          entry,
          { storeName: 'CertificateAuthority', encodedCertificate: file.der.toString('base64') },
        ]);
        return acceptOrRefuse(answer);
      },
    },
  ],
};

interface CaStore {
  /** The root that was installed. */
  readonly entry: CaEntry;
  readonly thumbprint: string;
  /** What was seen while it was being installed. */
  readonly changeDuringUpdate: string;
}

/**
 * Installs a root of the run's own. The first update is also what `change-during-update` needs, so
 * that nobody waits for another one.
 */
function caStoreOf(world: VerifyWorld): Promise<CaStore> {
  return world.shared('CA store', async (shared) => {
    await readCaStore(shared);
    shared.ownership.allow('PATCH', armUrl(shared.serviceId));
    const name = shared.name('root-ca');
    const root = await makeFile(shared, name, { authority: true });
    const entry: CaEntry = { storeName: 'Root', encodedCertificate: root.der.toString('base64') };
    shared.later('the CA certificates of the run', async (calm) => {
      await readCaStore(calm);
      return await putCaStore(calm, []);
    });
    const begun = await need('Installing a CA certificate', patchCaStore(shared, [entry]));
    const file = await makeFile(shared, shared.name('meanwhile'));
    const meanwhile = await upload(shared, `/certificates/${shared.name('meanwhile')}`, file);
    await need('Installing a CA certificate', settle(shared, begun));
    return {
      ...{ entry, thumbprint: root.thumbprint },
      changeDuringUpdate: acceptOrRefuse(meanwhile),
    };
  });
}

function patchCaStore(world: VerifyWorld, certificates: readonly CaEntry[]): Promise<Answer> {
  return askService(world, 'PATCH', '', { body: { properties: { certificates } } });
}

async function putCaStore(world: VerifyWorld, entries: readonly CaEntry[]): Promise<Answer> {
  return await settle(world, await patchCaStore(world, entries));
}

/**
 * The CA certificates of the service. A PATCH replaces them all, and the data of those that are
 * there cannot be read, so one that is not of a run is reason enough to leave them alone.
 * Thrown when there is one, or the tier has none: NotAsked.
 */
export async function readCaStore(
  world: VerifyWorld,
): Promise<readonly { readonly subject: string; readonly thumbprint: string }[]> {
  const service = await need('Reading the service', askService(world, 'GET', ''));
  const tier = service.text('sku', 'name');
  if (tier === 'Consumption') throw new NotAsked('the Consumption tier has no CA certificates');
  const held = service.at('properties', 'certificates');
  const entries = (Array.isArray(held) ? held : []).map((_, index) => ({
    subject: service.text('properties', 'certificates', index, 'certificate', 'subject'),
    thumbprint: service
      .text('properties', 'certificates', index, 'certificate', 'thumbprint')
      .toUpperCase(),
  }));
  const isForeign = entries.some(({ subject }) => !isNamed(subject.replace(/^CN=/i, '')));
  if (isForeign) {
    throw new NotAsked('the service holds CA certificates of others, which an update would wipe');
  }
  return entries;
}
