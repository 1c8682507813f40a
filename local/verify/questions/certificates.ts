/** Client certificates of a service. */
import { acceptOrRefuse, isSuccess } from '../answer.ts';
import { NotAsked, type Area } from '../question.ts';
import { askService, need, until } from '../world.ts';
import { makeFile } from './files.ts';
import { putBackend, upload, uploaded } from './service-parts.ts';
import {
  attach,
  attached,
  certificateInVault,
  certificateUrl,
  importFile,
  readable,
  vaultOf,
} from './throw-away-vault.ts';

const REFERENCE =
  'https://learn.microsoft.com/rest/api/apimanagement/certificate/create-or-update?view=rest-apimanagement-2024-05-01';
const REFRESH =
  'https://learn.microsoft.com/rest/api/apimanagement/certificate/refresh-secret?view=rest-apimanagement-2024-05-01';
const DELETE =
  'https://learn.microsoft.com/rest/api/apimanagement/certificate/delete?view=rest-apimanagement-2024-05-01';

export const certificates: Area = {
  name: 'client certificates',
  questions: [
    {
      id: 'unreadable-key-vault-put',
      title: 'PUT of a certificate whose Key Vault reference leads to nothing',
      assumes: { setting: 'assumptions.unreadableKeyVaultPut' },
      source: REFERENCE,
      async ask(world) {
        const vault = await vaultOf(world);
        const name = world.name('absent');
        const answer = await attach(world, `/certificates/${name}`, { vault, name });
        return isSuccess(answer) ? 'store' : acceptOrRefuse(answer);
      },
    },
    {
      id: 'refresh-of-uploaded',
      title: 'refreshSecret of a certificate that was uploaded',
      assumes: { setting: 'assumptions.refreshOfUploadedCertificate' },
      source: REFRESH,
      async ask(world) {
        const { path } = await uploaded(world, 'no-secret');
        const answer = await askService(world, 'POST', `${path}/refreshSecret`);
        return isSuccess(answer) ? 'answer' : acceptOrRefuse(answer);
      },
    },
    {
      id: 'refresh-answer',
      title: 'the thumbprint in the answer of refreshSecret after a new version',
      assumes: { setting: 'assumptions.refreshAnswer' },
      source: REFRESH,
      async ask(world) {
        const { vault, name, path, thumbprint: previous } = await attached(world, 'renewed');
        const next = await makeFile(world, name);
        await need('Importing a new version', importFile(world, vault, name, next));
        const refreshed = await need(
          'refreshSecret',
          askService(world, 'POST', `${path}/refreshSecret`),
        );
        const shown = refreshed.text('properties', 'thumbprint').toUpperCase();
        if (shown === next.thumbprint) return 'fresh';
        const follows = await until(world, 60, async () => {
          const read = await askService(world, 'GET', path);
          return read.text('properties', 'thumbprint').toUpperCase() === next.thumbprint;
        });
        if (shown === previous && follows) return 'previous';
        return follows ? 'neither the old nor the new one' : 'the new version was not read';
      },
    },
    {
      id: 'failed-refresh',
      title: 'refreshSecret after the certificate was deleted from the vault',
      assumes: { setting: 'assumptions.failedRefresh' },
      source: REFRESH,
      async ask(world) {
        const { vault, name, path } = await attached(world, 'gone');
        await need(
          'Deleting it from the vault',
          world.wire.ask('DELETE', certificateUrl(vault, name)),
        );
        const answer = await askService(world, 'POST', `${path}/refreshSecret`);
        if (!isSuccess(answer)) return acceptOrRefuse(answer);
        const status = answer.text('properties', 'keyVault', 'lastStatus', 'code');
        return status === 'Success' ? 'the deleted certificate was read' : 'answer';
      },
    },
    {
      id: 'certificate-outside-validity',
      title: 'PUT of a certificate from Key Vault that is expired',
      assumes: { setting: 'assumptions.certificateOutsideValidity' },
      source:
        'https://learn.microsoft.com/azure/api-management/api-management-howto-mutual-certificates',
      async ask(world) {
        // That the service may read the vault is made sure of with another one.
        await readable(world);
        const certificate = await certificateInVault(world, 'expired', { validForSeconds: 90 });
        await world.passTime(120);
        const answer = await attach(world, `/certificates/${certificate.name}`, certificate);
        // A reference can be stored without its certificate being taken.
        const isTaken = answer.text('properties', 'thumbprint') !== '';
        return isSuccess(answer) && !isTaken ? 'refuse' : acceptOrRefuse(answer);
      },
    },
    {
      id: 'update-without-if-match',
      title: 'PUT over a certificate that exists, without If-Match',
      assumes: { setting: 'assumptions.updateWithoutIfMatch' },
      source: REFERENCE,
      async ask(world) {
        const { name, path } = await uploaded(world, 'again');
        const next = await makeFile(world, name);
        return acceptOrRefuse(await upload(world, path, next));
      },
    },
    {
      id: 'new-with-if-match',
      title: 'PUT of a certificate that does not exist yet, with If-Match: *',
      assumes: { always: 'accept' },
      source: REFERENCE,
      async ask(world) {
        const name = world.name('star');
        const file = await makeFile(world, name);
        const path = `/certificates/${name}`;
        return acceptOrRefuse(await upload(world, path, file, { 'if-match': '*' }));
      },
    },
    {
      id: 'delete-without-if-match',
      title: 'DELETE of a certificate without If-Match',
      assumes: { always: 'refuse' },
      source: DELETE,
      async ask(world) {
        const { path } = await uploaded(world, 'bare');
        return acceptOrRefuse(await askService(world, 'DELETE', path));
      },
    },
    {
      id: 'long-certificate-id',
      title: 'PUT of a certificate with an id of 81 characters',
      assumes: { always: 'refuse' },
      source: REFERENCE,
      async ask(world) {
        const name = world.name('long').padEnd(81, 'x');
        const file = await makeFile(world, world.name('long'));
        return acceptOrRefuse(await upload(world, `/certificates/${name}`, file));
      },
    },
    {
      id: 'delete-certificate-in-use',
      title: 'DELETE of a certificate that a backend refers to by id',
      assumes: { setting: 'assumptions.deleteCertificateInUse' },
      source: DELETE,
      async ask(world) {
        const { path, name } = await uploaded(world, 'used');
        const id = `${world.serviceId}${path}`;
        await need('Making a backend', putBackend(world, 'user', { certificateIds: [id] }));
        const answer = await askService(world, 'DELETE', path, { headers: { 'if-match': '*' } });
        if (!isSuccess(answer)) return acceptOrRefuse(answer);
        const left = await askService(world, 'GET', path);
        if (left.status === 404) return 'accept';
        throw new NotAsked(`the service said it deleted ${name}, and shows it still`);
      },
    },
  ],
};
