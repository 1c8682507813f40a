/** Key Vault: what an import leaves behind, and what is read when the newest version cannot be. */
import { acceptOrRefuse, briefly } from '../answer.ts';
import { NotAsked, type Area } from '../question.ts';
import { need } from '../world.ts';
import { makeFile } from './files.ts';
import { certificateInVault, certificateUrl, importFile, secretUrl } from './throw-away-vault.ts';

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
        const { vault, name } = await certificateInVault(world, 'tagged');
        const file = () => makeFile(name, { now: world.place.now() });
        const tags = { first: 'yes' };
        await need('An import with tags', importFile(world, vault, name, await file(), { tags }));
        await need('An import without', importFile(world, vault, name, await file()));
        const read = await need('Reading it', world.wire.ask('GET', certificateUrl(vault, name)));
        return read.at('tags', 'first') === undefined ? 'none' : 'those of the version before';
      },
    },
    {
      id: 'long-tag-value',
      title: 'an import with a tag value of 257 characters',
      assumes: { always: 'refuse' },
      source: 'https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates',
      async ask(world) {
        const { vault, name } = await certificateInVault(world, 'long-tag');
        const file = await makeFile(name, { now: world.place.now() });
        const tags = { long: 'x'.repeat(257) };
        return acceptOrRefuse(await importFile(world, vault, name, file, { tags }));
      },
    },
    {
      id: 'disabled-newest-version',
      title: 'reading a secret without version whose newest version is disabled',
      assumes: { always: '403 SecretDisabled' },
      source: 'https://github.com/Azure/azure-powershell/issues/14740',
      async ask(world) {
        const { vault, name } = await certificateInVault(world, 'disabled');
        const file = await makeFile(name, { now: world.place.now() });
        const attributes = { enabled: false };
        await need(
          'Importing a disabled version',
          importFile(world, vault, name, file, { attributes }),
        );
        const answer = await world.wire.ask('GET', secretUrl(vault, name));
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
        const { vault, name } = await certificateInVault(world, 'was-good');
        const file = await makeFile(name, { now: world.place.now(), validForSeconds: -3600 });
        const answer = await importFile(world, vault, name, file);
        if (answer.status === 403) throw new NotAsked('the vault let nobody in any more');
        return acceptOrRefuse(answer);
      },
    },
  ],
};
