/** Key Vault: what an import leaves behind, and what is read when the newest version cannot be. */
import { acceptOrRefuse, briefly } from '../answer.ts';
import { NotAsked, type Area } from '../question.ts';
import { need } from '../world.ts';
import { certificateInVault, certificateUrl, importNext, secretUrl } from './throw-away-vault.ts';

const IMPORT =
  'https://learn.microsoft.com/rest/api/keyvault/certificates/import-certificate/import-certificate';

export const keyVault: Area = {
  name: 'Key Vault',
  questions: [
    {
      id: 'tags-of-a-new-version',
      title: 'the tags of a version that was imported without tags, over one that has some',
      assumes: { always: 'none' },
      source: 'https://github.com/hashicorp/terraform-provider-azurerm/issues/28004',
      async ask(world) {
        const certificate = await certificateInVault(world, 'tagged');
        const tags = { first: 'yes' };
        await need('An import with tags', importNext(world, certificate, { tags }));
        await need('An import without', importNext(world, certificate));
        const url = certificateUrl(certificate.vault, certificate.name);
        const read = await need('Reading it', world.wire.ask('GET', url));
        return read.at('tags', 'first') === undefined ? 'none' : 'those of the version before';
      },
    },
    {
      id: 'long-tag-value',
      title: 'an import with a tag value of 257 characters',
      assumes: { always: 'refuse' },
      source: 'https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates',
      async ask(world) {
        const certificate = await certificateInVault(world, 'long-tag');
        const tags = { long: 'x'.repeat(257) };
        return acceptOrRefuse(await importNext(world, certificate, { tags }));
      },
    },
    {
      id: 'disabled-newest-version',
      title: 'reading a secret without version whose newest version is disabled',
      assumes: { always: '403 SecretDisabled' },
      source: 'https://github.com/Azure/azure-powershell/issues/14740',
      async ask(world) {
        const certificate = await certificateInVault(world, 'disabled');
        const attributes = { enabled: false };
        await need('Importing a disabled version', importNext(world, certificate, { attributes }));
        const url = secretUrl(certificate.vault, certificate.name);
        const answer = await world.wire.ask('GET', url);
        const inner = answer.text('error', 'innererror', 'code');
        return inner === '' ? briefly(answer) : `${answer.status} ${inner}`;
      },
    },
    {
      id: 'import-of-expired',
      title: 'an import of a certificate that is expired',
      assumes: { always: 'refuse' },
      source: IMPORT,
      async ask(world) {
        const certificate = await certificateInVault(world, 'was-good');
        const answer = await importNext(world, certificate, {}, { validForSeconds: -3600 });
        if (answer.status === 403) throw new NotAsked('the vault let nobody in any more');
        return acceptOrRefuse(answer);
      },
    },
  ],
};
