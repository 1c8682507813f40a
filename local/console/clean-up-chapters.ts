/** The chapters of the story about what uses a certificate: rotation must not break it, nor clean-up. */
import { setTimeout as wait } from 'node:timers/promises';
import type { AzureWire } from '../seed/azure-wire.ts';
import { deleteCertificate, readInstalled } from '../seed/certificates.ts';
import { API, serviceId } from '../seed/fleet.ts';
import type { ShownBinding, ShownCleanup } from './app-client.ts';
import type { Chapter, Ending, Stage } from './story.ts';
import { shortThumbprint } from './thumbprint.ts';
import { waitFor } from './wait-for.ts';
import { findBinding, watchRotation } from './watch-rotation.ts';
import { wrap } from './wrap.ts';

/** In place of seven days: the story has no time to wait for them. */
export const STORY_GRACE_SECONDS = 2;

const GATEWAY = { vault: 'contoso-kv', name: 'gateway-client', service: 'contoso-gw' } as const;
const ORDERS = { vault: 'contoso-kv', name: 'orders-client', service: 'contoso-gw' } as const;
const ARM = 'management.azure.com';
const SERVICE = serviceId('contoso-gw');
const version = `api-version=${API.apiManagement}`;

const about = ({ name, service }: { name: string; service: string }) => ({
  certificate: name,
  service,
});

export const REPAIRS: readonly Chapter[] = [
  {
    title: 'A policy names a thumbprint, which rotation would break: it is mended first',
    ...about(GATEWAY),
    play: mendAndRotate,
  },
];

export const CLEAN_UPS: readonly Chapter[] = [
  {
    title: 'A certificate is deleted in the vault, and a backend uses it: it is kept',
    ...about(ORDERS),
    play: keepWhatIsUsed,
  },
  {
    title: 'Nothing uses it any more, and its grace is over: it is removed',
    ...about(ORDERS),
    play: removeWhatIsDead,
  },
  {
    title: 'It was a mistake: undone, the certificate recovered and attached again',
    ...about(ORDERS),
    play: undo,
  },
];

const POLICY_BEFORE = (thumbprint: string): string =>
  [
    '<policies>',
    '  <inbound>',
    '    <base />',
    '    <!-- the partner insists on our client certificate -->',
    `    <authentication-certificate thumbprint="${thumbprint}" />`,
    '    <set-header name="x-from"><value>@(context.Request.IpAddress ?? "<none>")</value></set-header>',
    '  </inbound>',
    '</policies>',
  ].join('\r\n');

async function mendAndRotate(stage: Stage): Promise<Ending> {
  const { azure, signal, say } = stage;
  const { service, name } = GATEWAY;
  const installed = await readInstalled(azure, { service }, name);
  const before = POLICY_BEFORE(installed?.thumbprint ?? '');
  await azure.putResource(`${SERVICE}/apis/partner`, API.apiManagement, {
    properties: { displayName: 'Partner', path: 'partner', protocols: ['https'] },
  });
  await azure.putResource(`${SERVICE}/apis/partner/policies/policy`, API.apiManagement, {
    properties: { format: 'rawxml', value: before },
  });
  await sweep(stage);
  const seen = await watchRotation(stage, GATEWAY, signal);
  const after = await readPolicy(azure);
  const wanted = before.replace(/thumbprint="\w+"/, `certificate-id="${name}"`);
  if (after !== wanted) throw new Error('the policy is not what it was but for the reference');
  say(`   before     thumbprint="${shortThumbprint(installed?.thumbprint ?? '')}"`);
  say(`   after      certificate-id="${name}", all else byte for byte`);
  return { outcome: 'mended, rotated', thumbprint: seen.after, seconds: seen.verifiedSeconds };
}

async function readPolicy(azure: AzureWire): Promise<string> {
  const path = `${SERVICE}/apis/partner/policies/policy`;
  const { body } = await azure.ask('GET', `${ARM}${path}?${version}&format=rawxml`);
  // A policy contract as API Management documents it.
  return (body as { properties: { value: string } }).properties.value;
}

async function keepWhatIsUsed(stage: Stage): Promise<Ending> {
  const { azure, say } = stage;
  const { vault, name } = ORDERS;
  await azure.putResource(`${SERVICE}/backends/orders`, API.apiManagement, {
    properties: {
      url: 'https://orders.contoso.com',
      protocol: 'http',
      credentials: { certificateIds: [`${SERVICE}/certificates/${name}`] },
    },
  });
  const start = performance.now();
  await deleteCertificate(azure, vault, name);
  await sweep(stage);
  const { orphan } = await bindingOf(stage);
  say(`   orphaned   recoverable until ${orphan?.recoverableUntil ?? 'nobody knows when'}`);
  await wait(STORY_GRACE_SECONDS * 1_000, undefined, { signal: stage.signal });
  await sweep(stage);
  const kept = (await bindingOf(stage)).orphan?.kept;
  if (kept?.code !== 'TARGET_IN_USE') throw new Error(`it was kept for ${kept?.code ?? 'nothing'}`);
  say(wrap(`${kept.code}: ${kept.message}`, '   '));
  const installed = await readInstalled(azure, ORDERS, name);
  if (installed === undefined) throw new Error('it is gone from the service');
  return { outcome: 'orphaned, kept', thumbprint: installed.thumbprint, seconds: since(start) };
}

async function removeWhatIsDead(stage: Stage): Promise<Ending> {
  const { azure, say } = stage;
  await azure.ask('DELETE', `${ARM}${SERVICE}/backends/orders?${version}`, {
    headers: { 'if-match': '*' },
  });
  const start = performance.now();
  await sweep(stage);
  const removed = await cleanupOf(stage);
  if (removed?.status !== 'removed') throw new Error('nothing was removed');
  if ((await readInstalled(azure, ORDERS, ORDERS.name)) !== undefined) {
    throw new Error('it is still at the service');
  }
  say(`   written down before it was done, as ${removed.id}`);
  return { outcome: 'removed', thumbprint: '', seconds: since(start) };
}

async function undo(stage: Stage): Promise<Ending> {
  const { azure, app, signal } = stage;
  const removed = await cleanupOf(stage);
  if (removed === undefined) throw new Error('there is nothing to undo');
  const start = performance.now();
  await app.undoCleanup(removed.id);
  const binding = await waitFor(
    `The return of ${ORDERS.name}`,
    async () => {
      const found = await findBinding(app, ORDERS);
      return found?.status === 'verified' ? found : undefined;
    },
    { signal },
  );
  const installed = await readInstalled(azure, ORDERS, ORDERS.name);
  if (installed?.thumbprint !== binding.thumbprint) throw new Error('it is not at the service');
  return { outcome: 'undone', thumbprint: installed?.thumbprint ?? '', seconds: since(start) };
}

async function sweep({ app, signal }: Stage): Promise<void> {
  const id = await app.sweep();
  await waitFor(
    'The sweep',
    async () => {
      const operation = await app.operation(id);
      return operation?.state === 'pending' || operation?.state === 'running'
        ? undefined
        : operation;
    },
    { signal },
  );
}

async function bindingOf({ app }: Stage): Promise<ShownBinding> {
  const binding = await findBinding(app, ORDERS);
  if (binding?.orphan === undefined) throw new Error('Certkeeper did not find it orphaned');
  return binding;
}

async function cleanupOf({ app }: Stage): Promise<ShownCleanup | undefined> {
  const cleanups = await app.cleanups();
  return cleanups.find(({ target }) => target === `${ORDERS.service}/certificates/${ORDERS.name}`);
}

function since(start: number): number {
  return (performance.now() - start) / 1_000;
}
