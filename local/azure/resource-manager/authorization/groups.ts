/**
 * Security groups, as far as roles and deny assignments name them. Entra's own directory is not
 * simulated; groups are made at the control address.
 * Source: "Understand Azure role assignments" (groups are transitive).
 */
import { z } from 'zod';
import type { ControlRoute, Store, World } from '../../service.ts';
import { readDocument } from '../route.ts';

interface Group {
  /** Object ids in lower case: of service principals, or of groups again. */
  readonly members: readonly string[];
}

const COLLECTION = 'arm.groups';
const bodySchema = z.strictObject({ members: z.array(z.guid()) });

/** The principal and every group that it is in, directly or through others; lower case. */
export function identitiesOf(store: Store, principalId: string): ReadonlySet<string> {
  const found = new Set([principalId.toLowerCase()]);
  const groups = store.list<Group>(COLLECTION);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const { key, document } of groups) {
      if (document.members.some((member) => found.has(member))) found.add(key);
    }
  }
  return found;
}

export function groupControl({ store }: World): ControlRoute[] {
  return [
    {
      method: 'PUT',
      path: '/groups/{id}',
      summary: 'makes a security group, or changes it: {"members": object ids}',
      handle(request, { id = '' }) {
        const key = readDocument(id.toLowerCase(), z.guid());
        const { members } = readDocument(request.json(), bodySchema);
        const group: Group = { members: members.map((member) => member.toLowerCase()) };
        store.put(COLLECTION, key, group);
        return { status: 200, body: { id: key, ...group } };
      },
    },
  ];
}
