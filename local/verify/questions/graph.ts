/** Entra applications: their keys through Microsoft Graph, and signing in with them. */
import { acceptOrRefuse, briefly, isSuccess, orRefused } from '../answer.ts';
import { NotAsked, type Area, type Question } from '../question.ts';
import { need, until } from '../world.ts';
import type { VerifyWorld } from '../world.ts';
import { makeFile, type CertificateFile } from './files.ts';
import {
  GRAPH,
  makeApplication,
  makeServicePrincipal,
  patchKeys,
  readKeys,
  removeApplication,
  signIn,
  signInWith,
  toCredential,
  type ShownKey,
  type ThrowAwayApplication,
} from './throw-away-application.ts';

const KEY_CREDENTIAL = 'https://learn.microsoft.com/graph/api/resources/keycredential';
const APPLICATION_READ_WRITE_OWNED_BY = '18a4783c-866b-4cc7-a460-3d5e5662c884';
const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const TWO_YEARS_SECONDS = 2 * 366 * 86_400;
const NEEDS = ['graph'] as const satisfies Question['needs'];

export const graph: Area = {
  name: 'Entra applications',
  questions: [
    {
      id: 'graph-key-without-value',
      title: 'an entry of keyCredentials sent again without its key',
      assumes: { setting: 'assumptions.graphKeyWithoutValue' },
      source: 'https://github.com/microsoftgraph/microsoft-graph-docs/issues/3579',
      needs: NEEDS,
      async ask(world) {
        const { application, shown } = await withKey(world, 'no-value');
        const other = await makeFile(world, world.name('no-value-2'));
        const answer = await patchKeys(world, application, [
          { ...shown, key: null },
          toCredential(other, { displayName: 'other' }),
        ]);
        if (!isSuccess(answer)) return acceptOrRefuse(answer);
        // When the other one is shown, so is what became of the first.
        const keys = await readKeys(world, application, (all) =>
          all.some((one) => one['displayName'] === 'other'),
        );
        return keys.some((one) => one['keyId'] === shown['keyId']) ? 'keep' : 'drop';
      },
    },
    {
      id: 'graph-resent-entry',
      title: 'an entry of keyCredentials sent again without its customKeyIdentifier',
      assumes: { setting: 'assumptions.graphResentEntry' },
      source: 'https://github.com/Azure/azure-powershell/issues/6219',
      needs: NEEDS,
      async ask(world) {
        const { application, shown } = await withKey(world, 'part');
        const part = Object.entries(shown).filter(([name]) => name !== 'customKeyIdentifier');
        const answer = await patchKeys(world, application, [Object.fromEntries(part)]);
        return isSuccess(answer) ? 'given' : orRefused(answer, 'whole');
      },
    },
    {
      id: 'graph-key-end-date',
      title: 'a credential that ends with its certificate, two years from now',
      assumes: { setting: 'assumptions.graphKeyEndDate' },
      source: KEY_CREDENTIAL,
      needs: NEEDS,
      async ask(world) {
        const application = await makeApplication(world, 'two-years');
        const file = await makeFile(world, world.name('two-years'), {
          validForSeconds: TWO_YEARS_SECONDS,
        });
        const endDateTime = file.notAfter.toISOString();
        const answer = await patchKeys(world, application, [toCredential(file, { endDateTime })]);
        if (!isSuccess(answer)) return orRefused(answer, 'year');
        const [shown] = await readKeys(world, application, hasAny);
        const end = Date.parse(String(shown?.['endDateTime']));
        return end === file.notAfter.getTime() ? 'certificate' : 'the end was moved';
      },
    },
    {
      id: 'graph-key-identifier',
      title: 'customKeyIdentifier where none was sent',
      assumes: { setting: 'assumptions.graphKeyIdentifier' },
      source: KEY_CREDENTIAL,
      needs: NEEDS,
      async ask(world) {
        const { shown, file } = await withKey(world, 'identifier');
        const identifier = shown['customKeyIdentifier'];
        if (typeof identifier !== 'string') return 'none';
        const bytes = Buffer.from(file.thumbprint, 'hex').toString('base64');
        if (identifier === bytes) return 'bytes';
        const asDigits = Buffer.from(file.thumbprint).toString('base64');
        const isDigits = identifier.toUpperCase() === file.thumbprint || identifier === asDigits;
        return isDigits ? 'hex' : 'something else';
      },
    },
    {
      id: 'graph-duplicate-certificate',
      title: 'two entries of keyCredentials with one certificate',
      assumes: { setting: 'assumptions.graphDuplicateCertificate' },
      source: KEY_CREDENTIAL,
      needs: NEEDS,
      async ask(world) {
        const application = await makeApplication(world, 'twice');
        const file = await makeFile(world, world.name('twice'));
        const both = [toCredential(file), toCredential(file, { displayName: 'ckverify again' })];
        return acceptOrRefuse(await patchKeys(world, application, both));
      },
    },
    {
      id: 'replayed-assertion',
      title: 'a client assertion that was used before',
      assumes: { setting: 'assumptions.replayedAssertion' },
      source: 'https://learn.microsoft.com/entra/identity-platform/certificate-credentials',
      needs: NEEDS,
      async ask(world) {
        const { application, file } = await withKey(world, 'assertion');
        await makeServicePrincipal(world, application);
        const { assertion } = await signInWith(world, application, file);
        const again = await signIn(world, application, assertion);
        // Entra's refusals of an assertion are 401: here they are the verdict.
        return isSuccess(again) ? 'accept' : again.status < 429 ? 'refuse' : briefly(again);
      },
    },
    {
      id: 'graph-owned-by-reads',
      title: 'what Application.ReadWrite.OwnedBy reads: an application it does not own',
      assumes: { setting: 'assumptions.graphOwnedByReads' },
      source: 'https://learn.microsoft.com/graph/permissions-reference#applicationreadwriteownedby',
      needs: ['graph', 'consent'],
      async ask(world) {
        const other = await makeApplication(world, 'not-owned');
        const { application, file } = await withKey(world, 'reader');
        const principalId = await makeServicePrincipal(world, application);
        await consent(world, principalId);
        // It is there when applications can be made: every permission to write lets one do that.
        let token = '';
        const isInEffect = await until(world, 300, async () => {
          ({ token } = await signInWith(world, application, file));
          const body = { displayName: world.name('probe') };
          const made = await world.wire.ask('POST', `${GRAPH}/applications`, { token, body });
          if (isSuccess(made)) removeApplication(world, made.text('id'), 'the probe');
          return isSuccess(made);
        });
        if (!isInEffect) throw new NotAsked('the permission did not come into effect');
        const read = await world.wire.ask('GET', `${GRAPH}/applications/${other.id}`, { token });
        if (isSuccess(read)) return 'all';
        return read.status === 403 ? 'owned' : briefly(read);
      },
    },
  ],
};

/** An application with one certificate, and the entry as Graph shows it. */
async function withKey(
  world: VerifyWorld,
  hint: string,
): Promise<{
  readonly application: ThrowAwayApplication;
  readonly file: CertificateFile;
  readonly shown: ShownKey;
}> {
  const application = await makeApplication(world, hint);
  const file = await makeFile(world, world.name(hint));
  await need('Adding a key', patchKeys(world, application, [toCredential(file)]));
  const [shown] = await readKeys(world, application, hasAny);
  if (shown === undefined) throw new NotAsked('the key that was added is not shown');
  return { application, file, shown };
}

function hasAny(keys: readonly ShownKey[]): boolean {
  return keys.length > 0;
}

async function consent(world: VerifyWorld, principalId: string): Promise<void> {
  if (world.place.consent !== undefined) {
    await world.place.consent(principalId);
    return;
  }
  const found = await need(
    'Finding Microsoft Graph in the tenant',
    world.wire.ask('GET', `${GRAPH}/servicePrincipals(appId='${GRAPH_APP_ID}')`),
  );
  await need(
    'Giving consent',
    world.wire.ask('POST', `${GRAPH}/servicePrincipals/${principalId}/appRoleAssignments`, {
      body: {
        principalId,
        resourceId: found.text('id'),
        appRoleId: APPLICATION_READ_WRITE_OWNED_BY,
      },
    }),
  );
}
