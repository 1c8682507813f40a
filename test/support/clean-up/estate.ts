/** Services with workspaces, vaults and certificates of one world, and whose hand changes them. */
import { randomUUID } from 'node:crypto';
import type { CaredFor } from '../../../shared/azure/cared-for.ts';
import { GROUP, SUBSCRIPTION, type AzureUnderTest } from '../azure/azure-clients.ts';
import { putApi, putAt, putProduct } from '../azure/seed-contents.ts';
import { askVault, makeIdentity, makeVault } from '../azure/vault.ts';
import { certificate } from './certificates.ts';
import type { Content, Origin, SourceNote, TargetNote, VaultNote } from './notes.ts';
import { writeReference, type Reference, type ReferenceSpec } from './references.ts';
import type { Rig } from './rig.ts';
import { SUFFIX } from './certkeeper.ts';

const API = '?api-version=2024-05-01';
const VAULT_READER = '21090545-7ca7-4776-b22c-e363652d74d2';
const CERTIFICATE_USER = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';
const SERVICE_CONTRIBUTOR = '312a565d-c81f-4fd8-895a-4e21e48d571c';
/** The shortest that a vault allows. */
const RETENTION_DAYS = 7;

export interface EstateShape {
  readonly services: number;
  readonly vaults: number;
  readonly sources: readonly {
    readonly vault: number;
    readonly targets: readonly {
      readonly origin: Origin;
      readonly service: number;
      readonly inWorkspace: boolean;
    }[];
  }[];
}

export type Estate = Awaited<ReturnType<typeof makeEstate>>;

let estates = 0;

export async function makeEstate(rig: Rig, shape: EstateShape) {
  estates += 1;
  const { azure } = rig;
  const mark = `e${String(estates)}`;
  let acts = 0;
  let certificates = 0;
  let documents = 0;
  const next = () => certificate(certificates++);
  const must = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await azure.ask(method, path, body, { 'if-match': '*' });
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  const own = await makeIdentity(azure, `ck-${mark}`);
  const services: { care: CaredFor; principalId: string }[] = [];
  for (let at = 0; at < shape.services; at += 1) {
    const name = `gw-${mark}-${String(at)}`;
    const id = `${GROUP}/providers/Microsoft.ApiManagement/service/${name}`;
    const made = await must('PUT', `${id}${API}`, {
      location: 'West Europe',
      sku: { name: 'Premium', capacity: 1 },
      identity: { type: 'SystemAssigned' },
      properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso' },
    });
    const { identity } = made as { identity: { principalId: string } };
    services.push({ care: toCare(id, name), principalId: identity.principalId });
    await putAt(azure, `${id}/workspaces/team`, { displayName: 'Team' });
    for (const place of [id, `${id}/workspaces/team`]) {
      await putApi(azure, place, 'orders', ['get']);
      await putProduct(azure, place, 'starter');
    }
    // Nobody's business: uploaded by somebody, bound to nothing.
    const { pfx } = await next();
    await putAt(azure, `${id}/certificates/foreign`, { data: pfx, password: '' });
  }

  const assignments = new Map<string, readonly string[]>();
  const assign = async (scope: string, principalId: string, role: string): Promise<string> => {
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    await must('PUT', `${id}?api-version=2022-04-01`, {
      properties: {
        ...{ principalId, principalType: 'ServicePrincipal' },
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      },
    });
    return id;
  };
  const allow = async (scope: string): Promise<void> => {
    if ((assignments.get(scope)?.length ?? 0) > 0) return;
    const isVault = scope.includes('/vaults/');
    const roles = isVault ? [VAULT_READER, CERTIFICATE_USER] : [SERVICE_CONTRIBUTOR];
    const given: string[] = [];
    for (const role of roles) given.push(await assign(scope, own.principalId, role));
    assignments.set(scope, given);
  };
  const forbid = async (scope: string): Promise<void> => {
    for (const id of assignments.get(scope) ?? []) {
      await azure.ask('DELETE', `${id}?api-version=2022-04-01`);
    }
    assignments.set(scope, []);
  };
  /** Roles at a vault go with it, and do not come back with it. */
  const openVault = async (id: string): Promise<void> => {
    for (const { principalId } of services) await assign(id, principalId, CERTIFICATE_USER);
    assignments.delete(id);
    await allow(id);
  };

  const vaults: VaultNote[] = [];
  for (let at = 0; at < shape.vaults; at += 1) {
    const name = `kv-${mark}-${String(at)}`;
    const id = `${GROUP}/providers/Microsoft.KeyVault/vaults/${name}`;
    await makeVault(azure, name, { softDeleteRetentionInDays: RETENTION_DAYS });
    await openVault(id);
    vaults.push({ name, id, there: true, anew: false });
  }
  for (const { care } of services) await allow(care.id);

  const importInto = async (source: SourceNote): Promise<boolean> => {
    const { pfx, thumbprint } = await next();
    const { name } = source.source;
    const path = `/certificates/${name}/import`;
    const { status } = await askVault(azure, 'POST', source.vault.name, path, {
      value: pfx,
      tags: source.tags,
      policy: { secret_props: { contentType: 'application/x-pkcs12' } },
    });
    if (status >= 300) return false;
    acts += 1;
    source.thumbprints.add(thumbprint);
    source.ignored = false;
    source.toldIgnored = false;
    if (source.state !== 'alive') source.aliveSince = acts;
    if (source.state !== 'alive') source.seenAlive = false;
    source.current = thumbprint;
    source.state = 'alive';
    return true;
  };

  const targets: TargetNote[] = [];
  const sources: SourceNote[] = [];
  for (const vault of vaults) {
    // Old, never bound: by it a vault is known to be the one that it was.
    const { pfx } = await next();
    await askVault(azure, 'POST', vault.name, '/certificates/witness/import', { value: pfx });
  }
  await rig.pass(3_600);
  for (const [at, one] of shape.sources.entries()) {
    const vault = pick(vaults, one.vault);
    const source: SourceNote = {
      source: { vault: vault.name, name: `c${String(at)}` },
      key: `${vault.name}/c${String(at)}`,
      ...{ vault, state: 'purged', deletedAt: 0, deletedBefore: undefined, recoverableUntil: 0 },
      ...{
        ignored: false,
        toldIgnored: false,
        aliveSince: 0,
        seenAlive: false,
        lookedAt: 0,
        foundGone: undefined,
      },
      ...{ current: '', thumbprints: new Set(), tags: {} },
    };
    sources.push(source);
    for (const { origin, service, inWorkspace } of one.targets) {
      const { care } = pick(services, service);
      // Nothing in a workspace can be found by itself.
      const workspace = inWorkspace && origin !== 'discovered' ? 'team' : undefined;
      const place = workspace === undefined ? '' : `/workspaces/${workspace}`;
      // Places share ids, so that who mixes them up is found out.
      const shared = `t${String(targets.length % 3)}`;
      const taken = targets.some(
        (other) =>
          other.service === care.id && other.workspace === workspace && other.id === shared,
      );
      const id = taken ? `t${String(targets.length + 3)}` : shared;
      targets.push({
        path: `${care.name}${place}/certificates/${id}`,
        ...{ service: care.id, serviceName: care.name, workspace, id, origin, source },
        ...{ owned: origin !== 'discovered', handled: false, doubted: false },
      });
    }
    const asked = targets.filter((target) => target.source === source && target.origin === 'tag');
    if (asked.length > 0) source.tags['certkeeper-targets'] = asked.map(toPath).join(',');
    await importInto(source);
  }
  const addressOf = ({ service, workspace, id }: TargetNote): string =>
    `${service}${workspace === undefined ? '' : `/workspaces/${workspace}`}/certificates/${id}`;
  const secretOf = ({ source }: SourceNote): string =>
    `https://${source.vault}.${SUFFIX}/secrets/${source.name}`;
  const attach = async (target: TargetNote): Promise<boolean> => {
    const properties = { keyVault: { secretIdentifier: secretOf(target.source) } };
    const path = `${addressOf(target)}${API}`;
    return (await azure.ask('PUT', path, { properties }, { 'if-match': '*' })).status < 300;
  };
  for (const target of targets) if (target.origin === 'discovered') await attach(target);

  const references = new Map<string, Reference>();
  return {
    ...{ own, sources, targets, vaults, references, assignments, next, importInto, attach },
    ...{ allow, forbid, openVault, addressOf, must, azure },
    services: services.map(({ care }) => care),
    vaultCare: vaults.map(({ id, name }) => toCare(id, name)),
    /** Acts so far: whatever happened is before or after. */
    act: () => (acts += 1),

    async contentOf(target: TargetNote): Promise<Content | undefined> {
      const answer = await azure.ask('GET', `${addressOf(target)}${API}`);
      if (answer.status !== 200) return undefined;
      const { properties } = answer.body as {
        properties: { thumbprint?: string; keyVault?: { secretIdentifier: string } };
      };
      const secretIdentifier = properties.keyVault?.secretIdentifier;
      const thumbprint = properties.thumbprint ?? '';
      const of = sources.find((source) =>
        secretIdentifier === undefined
          ? source.thumbprints.has(thumbprint)
          : secretIdentifier.startsWith(secretOf(source)),
      );
      return { etag: answer.headers.get('etag') ?? '', thumbprint, secretIdentifier, of };
    },

    async refer(spec: ReferenceSpec, target: TargetNote): Promise<boolean> {
      documents += 1;
      const { service, workspace, id, source } = target;
      const referred = { service, workspace, id, thumbprint: source.current };
      // What refers to a workspace's certificate is in the workspace.
      const inWorkspace = spec.inWorkspace || workspace !== undefined;
      try {
        const placed = { ...spec, inWorkspace };
        for (const one of await writeReference(azure, placed, referred, documents)) {
          acts += 1;
          references.set(one.document, { ...one, since: acts });
        }
        return true;
      } catch {
        // The service does not take it: then it is not there.
        return false;
      }
    },
  };
}

function toCare(id: string, name: string): CaredFor {
  return { id, name, subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-contoso' };
}

function toPath({ path }: TargetNote): string {
  return path;
}

export function pick<One>(some: readonly One[], number: number): One {
  const one = some[number % some.length];
  if (one === undefined) throw new Error('There is none.');
  return one;
}

/** An identity's token from the simulated Azure; real time counts for it. */
export function makeTokens(azure: AzureUnderTest, clientId: string) {
  const kept = new Map<string, Promise<string>>();
  const fetchToken = async (scope: string): Promise<string> => {
    const resource = encodeURIComponent(scope.replace(/\/\.default$/, ''));
    const response = await fetch(
      `${azure.azure.url}/msi/token?api-version=2019-08-01&resource=${resource}&client_id=${clientId}`,
      { headers: { 'x-identity-header': azure.azure.identityHeader } },
    );
    return ((await response.json()) as { access_token: string }).access_token;
  };
  return (scope: string): Promise<string> => {
    const token = kept.get(scope) ?? fetchToken(scope);
    kept.set(scope, token);
    return token;
  };
}
