/** The chapters of the story in which a pipeline signs in with a certificate. */
import { azureTime } from '../seed/azure-time.ts';
import type { AzureWire } from '../seed/azure-wire.ts';
import { importCertificate, readCertificate } from '../seed/certificates.ts';
import { commonName } from '../seed/fleet.ts';
import { findApplication } from '../seed/seed-application.ts';
import { makeSelfSigned } from '../seed/self-signed.ts';
import type { ShownOperation } from './app-client.ts';
import { signIn, takeKey, type SigningKey } from './pipeline.ts';
import type { Chapter, Ending, Stage } from './story.ts';
import { waitFor } from './wait-for.ts';

const BOT = { vault: 'contoso-kv', name: 'release-bot' } as const;
const about = { certificate: BOT.name, service: 'Entra application' } as const;

export const KEYS: readonly Chapter[] = [
  {
    title: 'A pipeline is to sign in with a certificate: its public key is registered',
    ...about,
    play: register,
  },
  {
    title: 'It rotates: the old key goes on signing in, and the new one does, too',
    ...about,
    play: rotate,
  },
  {
    title: 'A key is renewed without a gap: registered first, then put into the vault',
    ...about,
    play: renew,
  },
];

async function register(stage: Stage): Promise<Ending> {
  const { azure, app, say } = stage;
  const appId = await applicationId(azure);
  const target = `entra/applications/${appId}`;
  const certificate = await makeSelfSigned(commonName(BOT.name), await azureTime(azure));
  await importCertificate(azure, BOT.vault, BOT.name, certificate);
  const key = await takeKey(azure, BOT.vault, BOT.name);
  if (await signIn(azure, appId, key)) throw new Error('a key that nobody registered signs in');
  say('   before     Entra refuses the pipeline');
  say(`   target     ${target}`);
  const start = performance.now();
  const id = await app.bind(BOT.vault, BOT.name, [target]);
  await succeeded(stage, id);
  const seconds = since(start);
  await requireSignIn(azure, appId, key, 'it');
  say('   after      Entra gives it a token');
  return { outcome: 'registered', thumbprint: certificate.thumbprint, seconds };
}

async function rotate(stage: Stage): Promise<Ending> {
  const { azure, app, signal, say } = stage;
  const appId = await applicationId(azure);
  const oldKey = await takeKey(azure, BOT.vault, BOT.name);
  const certificate = await makeSelfSigned(commonName(BOT.name), await azureTime(azure));
  const { thumbprint } = certificate;
  const stop = keepSigningIn(azure, appId, oldKey);
  let seconds: number;
  try {
    const start = performance.now();
    await importCertificate(azure, BOT.vault, BOT.name, certificate);
    await waitFor(
      `The rotation of ${BOT.name}`,
      async () => {
        const one = (await app.certificates()).find(({ name }) => name === BOT.name);
        const binding = one?.bindings.find(({ target }) => target.endsWith(appId));
        return binding?.status === 'verified' && binding.thumbprint === thumbprint
          ? true
          : undefined;
      },
      { signal },
    );
    seconds = since(start);
    await requireSignIn(azure, appId, await takeKey(azure, BOT.vault, BOT.name), 'the new key');
  } finally {
    await stop();
  }
  const { tried, refused } = await stop();
  say(`   old key    signed in ${tried} times meanwhile, and was refused ${refused} times`);
  if (refused > 0) throw new Error('a pipeline with the old key was turned away');
  say('   new key    signs in from the moment at which Certkeeper says verified');
  const operation = await succeeded(stage, await app.sync(BOT.vault, BOT.name));
  say(`   gap        ${gapOf(operation)} s after the vault showed it, which tells whole seconds`);
  return { outcome: 'rotated', thumbprint, seconds };
}

async function renew(stage: Stage): Promise<Ending> {
  const { azure, app, say } = stage;
  const appId = await applicationId(azure);
  const start = performance.now();
  const { id, registered } = await app.renewKey(BOT.vault, BOT.name);
  const [first] = registered;
  if (first?.signIn !== 'accepted') throw new Error('the key was not tried before the import');
  say('   new key    signed in before the vault had it');
  const operation = await succeeded(stage, id);
  const seconds = since(start);
  await requireSignIn(azure, appId, await takeKey(azure, BOT.vault, BOT.name), 'the new key');
  const gap = gapOf(operation);
  say(`   gap        ${gap} s`);
  if (gap !== 0) throw new Error('there was a gap');
  const current = await readCertificate(azure, BOT.vault, BOT.name);
  return { outcome: 'renewed, no gap', thumbprint: current?.thumbprint ?? '', seconds };
}

/** Signs in over and over until it is told to stop; twice is harmless. */
function keepSigningIn(
  azure: AzureWire,
  appId: string,
  key: SigningKey,
): () => Promise<{ readonly tried: number; readonly refused: number }> {
  const stopping = new AbortController();
  const running = (async () => {
    let tried = 0;
    let refused = 0;
    while (!stopping.signal.aborted) {
      tried += 1;
      if (!(await signIn(azure, appId, key))) refused += 1;
    }
    return { tried, refused };
  })();
  // Awaited when it is stopped; until then a failure must not go unobserved.
  running.catch(() => undefined);
  return async () => {
    stopping.abort();
    return await running;
  };
}

async function requireSignIn(
  azure: AzureWire,
  appId: string,
  key: SigningKey,
  which: string,
): Promise<void> {
  if (!(await signIn(azure, appId, key))) throw new Error(`Entra refuses ${which}`);
}

async function succeeded({ app, signal }: Stage, id: string): Promise<ShownOperation> {
  const operation = await waitFor(
    `The sync of ${BOT.name}`,
    async () => {
      const found = await app.operation(id);
      return found?.state === 'pending' || found?.state === 'running' ? undefined : found;
    },
    { signal },
  );
  if (operation.state === 'succeeded') return operation;
  throw new Error(operation.problem?.message ?? `the operation is ${operation.state}`);
}

function gapOf({ targets }: ShownOperation): number {
  const gap = targets?.[0]?.gapSeconds;
  if (gap === undefined) throw new Error('the operation does not say how long the gap was');
  return gap;
}

async function applicationId(azure: AzureWire): Promise<string> {
  const application = await findApplication(azure);
  if (application === undefined) throw new Error('the fleet has no application');
  return application.appId;
}

function since(start: number): number {
  return (performance.now() - start) / 1_000;
}
