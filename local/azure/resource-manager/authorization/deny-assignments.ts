/**
 * `Microsoft.Authorization/denyAssignments`: read-only, because Azure alone makes them (deployment
 * stacks, managed applications). Here they are made at the control address.
 * Source: REST reference, Deny Assignments 2022-04-01; "Understand Azure deny assignments".
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AzureFault, type ControlRoute, type Store, type World } from '../../service.ts';
import { matchesFilter, parseFilter, unsupportedFilter } from '../odata-filter.ts';
import type { Contains } from '../management-groups.ts';
import { ok, readDocument, type ArmCall, type ArmRoute } from '../route.ts';
import type { EffectiveDeny } from './effective-permission.ts';

const COLLECTION = 'arm.denyAssignments';
const PATH = '{scope}/providers/Microsoft.Authorization/denyAssignments';
const VERSIONS = ['2018-07-01-preview', '2022-04-01', '2024-07-01-preview'];

const actions = z.array(z.string().min(1)).default([]);
const principals = z
  .array(z.object({ id: z.guid(), type: z.string().default('ServicePrincipal') }))
  .default([]);
const denySchema = z.strictObject({
  scope: z.string().startsWith('/'),
  denyAssignmentName: z.string().min(1),
  description: z.string().default(''),
  permissions: z
    .array(
      z.strictObject({
        actions,
        notActions: actions,
        dataActions: actions,
        notDataActions: actions,
      }),
    )
    .min(1),
  doNotApplyToChildScopes: z.boolean().default(false),
  principals: principals.refine((list) => list.length > 0, 'names nobody'),
  excludePrincipals: principals,
  condition: z.string().min(1).optional(),
  conditionVersion: z.string().optional(),
  isSystemProtected: z.boolean().default(true),
});

interface DenyAssignment extends z.infer<typeof denySchema> {
  /** The GUID. */
  readonly name: string;
}

/** Every deny assignment, as the decision needs them. */
export function denyAssignments(store: Store): EffectiveDeny[] {
  return store.list<DenyAssignment>(COLLECTION).map(({ document }) => ({
    ...document,
    principals: document.principals.map(({ id }) => id),
    excludePrincipals: document.excludePrincipals.map(({ id }) => id),
  }));
}

export function denyAssignmentRoutes({ store }: World, contains: Contains): ArmRoute[] {
  const list = (call: ArmCall) => {
    const scope = call.param('scope');
    const text = call.request.query('$filter');
    const filter = text === undefined || text === '' ? undefined : parseFilter(text);
    const found = store
      .list<DenyAssignment>(COLLECTION)
      .map(({ document }) => document)
      .filter(
        (deny) =>
          (contains(deny.scope, scope) || contains(scope, deny.scope)) &&
          (filter === undefined ||
            matchesFilter(filter, {
              field(name) {
                switch (name.toLowerCase()) {
                  case 'denyassignmentname':
                    return deny.denyAssignmentName;
                  case 'principalid':
                  case 'gdprexportprincipalid':
                    return deny.principals[0]?.id;
                  default:
                    throw unsupportedFilter(name);
                }
              },
              call(name) {
                if (name.toLowerCase() !== 'atscope') throw unsupportedFilter(`${name}()`);
                return contains(deny.scope, scope);
              },
            })),
      );
    return ok({ value: found.map(toWire) });
  };
  const get = (call: ArmCall) => {
    const name = call.param('denyAssignmentId').toLowerCase();
    const deny = store.get<DenyAssignment>(COLLECTION, name);
    if (deny === undefined) {
      throw new AzureFault(
        404,
        'DenyAssignmentNotFound',
        `The deny assignment '${name}' is not found.`,
      );
    }
    return ok(toWire(deny));
  };
  return [
    { method: 'GET', path: PATH, versions: VERSIONS, handle: list },
    { method: 'GET', path: `${PATH}/{denyAssignmentId}`, versions: VERSIONS, handle: get },
  ];
}

export function denyAssignmentControl({ store }: World): ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/deny-assignments',
      summary: 'the deny assignments',
      handle: () =>
        ok({ value: store.list<DenyAssignment>(COLLECTION).map((e) => toWire(e.document)) }),
    },
    {
      method: 'POST',
      path: '/deny-assignments',
      summary:
        'makes one: {"scope","denyAssignmentName","permissions":[{"dataActions":[…]}],"principals":[{"id"}]}',
      handle(request) {
        const deny = { name: randomUUID(), ...readDocument(request.json(), denySchema) };
        store.put(COLLECTION, deny.name, deny);
        return { status: 201, body: toWire(deny) };
      },
    },
    {
      method: 'DELETE',
      path: '/deny-assignments/{name}',
      summary: 'removes one by the GUID that is its name',
      handle(_request, { name = '' }) {
        store.delete(COLLECTION, name.toLowerCase());
        return { status: 204 };
      },
    },
  ];
}

function toWire({ name, ...properties }: DenyAssignment): Record<string, unknown> {
  const scope = properties.scope === '/' ? '' : properties.scope;
  return {
    id: `${scope}/providers/Microsoft.Authorization/denyAssignments/${name}`,
    type: 'Microsoft.Authorization/denyAssignments',
    name,
    properties,
  };
}
