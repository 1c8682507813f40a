/** Findings about access policies. */
import { CERTIFICATE_USER, TENANT, type Beginning } from '../../../support/azure/access-world.ts';
import { nothing, type Row } from './row.ts';

const OTHER_TENANT = '5eed0000-0000-4000-8000-0000000000ff';
const POLICIES: Beginning = {
  vault: { enableRbacAuthorization: false, accessPolicies: [] },
  role: undefined,
};

export const POLICY_ROWS: readonly Row[] = [
  {
    code: 'PERMISSION_MISSING',
    when: 'a vault that goes by policies has none for the identity',
    severity: 'blocks',
    begin: POLICIES,
    fires: nothing,
    cured: true,
    but: 'it has one',
    not: (w) => w.allow(['Get', 'LIST']),
  },
  {
    code: 'PERMISSION_MISSING',
    when: 'its policy has list and set only',
    severity: 'blocks',
    begin: POLICIES,
    fires: (w) => w.allow(['list', 'set']),
    cured: true,
    but: 'its policy has all',
    not: (w) => w.allow(['all']),
  },
  {
    code: 'PERMISSION_MISSING',
    when: 'its policy has get only',
    severity: 'may-block',
    begin: POLICIES,
    fires: (w) => w.allow(['get']),
    cured: true,
    but: 'its policy has list too',
    not: (w) => w.allow(['get', 'list']),
  },
  {
    code: 'POLICY_WRONG_TENANT',
    when: 'its policy names another tenant',
    severity: 'blocks',
    begin: POLICIES,
    fires: (w) => w.allow(['get', 'list'], OTHER_TENANT),
    cured: true,
    but: 'its policy names the tenant in other letters',
    not: (w) => w.allow(['get', 'list'], TENANT.toUpperCase()),
  },
  {
    code: 'ROLES_IGNORED',
    when: 'a vault that goes by policies has a role for the identity',
    severity: 'notice',
    begin: POLICIES,
    fires: (w) => w.assign(CERTIFICATE_USER),
    reads: false,
    but: 'it has a policy beside it',
    not: async (w) => {
      await w.assign(CERTIFICATE_USER);
      await w.allow(['get', 'list']);
    },
    others: ['blocks PERMISSION_MISSING'],
  },
];
