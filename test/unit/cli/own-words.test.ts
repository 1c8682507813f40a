import { inOwnWords } from '../../../cli/show/own-words.ts';

test.each([
  [
    'it: POST /api/services/contoso-gw/orphans/confirm (role',
    'it: npx certkeeper orphans confirm contoso-gw (role',
  ],
  [
    'to keep it: POST /api/services/contoso-gw/take (role',
    'to keep it: npx certkeeper services take contoso-gw (role',
  ],
  [
    'detach it: DELETE /api/certificates/contoso-kv/a?targets=contoso-gw/certificates/a; or',
    'detach it: npx certkeeper detach contoso-kv/a -t contoso-gw/certificates/a; or',
  ],
  [
    'back: POST /api/certificates/contoso-kv/a/rollback.',
    'back: npx certkeeper rollback contoso-kv/a.',
  ],
  [
    'new version: PUT /api/certificates/contoso-kv/a',
    'new version: npx certkeeper upload {file} contoso-kv/a --new-version',
  ],
  ['GET /api/certificates/{vault}/{name}/usage', 'npx certkeeper usage {vault}/{name}'],
  ['GET /api/certificates/contoso-kv/a.', 'npx certkeeper show contoso-kv/a.'],
  ['POST /api/certificates/contoso-kv/a/bindings', 'npx certkeeper bind contoso-kv/a -t {target}'],
  [
    'POST /api/cleanups/8204178676087-0a0e402a61c6/undo',
    'npx certkeeper undo 8204178676087-0a0e402a61c6',
  ],
  ['POST /api/operations/sync-1/approve (role', 'npx certkeeper approve {vault}/{name} (role'],
  [
    'npx certkeeper approve contoso-kv/a, or POST /api/operations/sync-1/approve. If',
    'npx certkeeper approve contoso-kv/a. If',
  ],
  [
    'counts for 24 hours (POST /api/operations/sync-1/approve): npx certkeeper approve contoso-kv/a',
    'counts for 24 hours: npx certkeeper approve contoso-kv/a',
  ],
  ['Ask again with {"recover": true}', 'Ask again with --recover'],
  ['detach it with force=true (role', 'detach it with --force (role'],
  ['GET /api/repairs', 'npx certkeeper repairs'],
  // There is no command for these.
  [
    'GET /api/repairs/8204178700598-6f686f4e6acba3e4',
    'GET /api/repairs/8204178700598-6f686f4e6acba3e4',
  ],
  ['POST /api/certificates.', 'POST /api/certificates.'],
])('Advice to call %s names the command', (call, command) => {
  expect(inOwnWords(call)).toBe(command);
});
