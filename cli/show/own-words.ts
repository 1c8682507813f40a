/** A certificate's name in a path. */
const NAME = String.raw`([^/\s?]+/[^/\s?;,)]*[^/\s?;,.)])`;
const ID = String.raw`([0-9]{13}-[0-9a-f]+)`;

/** Calls that the API names in its advice, and the commands that make them; the longer ones first. */
const COMMANDS: readonly (readonly [call: RegExp, command: string])[] = [
  [/POST \/api\/services\/([^/\s]+)\/orphans\/confirm/g, 'npx certkeeper orphans confirm $1'],
  [/POST \/api\/services\/([^/\s]+)\/take\b/g, 'npx certkeeper services take $1'],
  [
    new RegExp(String.raw`DELETE /api/certificates/${NAME}\?targets=([^\s;,)]*[^\s;,.)])`, 'g'),
    'npx certkeeper detach $1 -t $2',
  ],
  [
    new RegExp(String.raw`POST /api/certificates/${NAME}/rollback`, 'g'),
    'npx certkeeper rollback $1',
  ],
  [
    new RegExp(String.raw`POST /api/certificates/${NAME}/bindings`, 'g'),
    'npx certkeeper bind $1 -t {target}',
  ],
  [
    new RegExp(String.raw`PUT /api/certificates/${NAME}(?![/?])`, 'g'),
    'npx certkeeper upload {file} $1 --new-version',
  ],
  [new RegExp(String.raw`GET /api/certificates/${NAME}/usage`, 'g'), 'npx certkeeper usage $1'],
  [new RegExp(String.raw`GET /api/certificates/${NAME}(?![/?])`, 'g'), 'npx certkeeper show $1'],
  [
    /, or POST \/api\/operations\/[^/\s]+\/approve| \(POST \/api\/operations\/[^/\s]+\/approve\)(?=:)/g,
    '',
  ],
  [/POST \/api\/operations\/[^/\s]+\/approve/g, 'npx certkeeper approve {vault}/{name}'],
  [
    new RegExp(String.raw`POST /api/(?:cleanups|repairs)/${ID}/undo`, 'g'),
    'npx certkeeper undo $1',
  ],
  [/GET \/api\/(cleanups|repairs)(?![/?])/g, 'npx certkeeper $1'],
  [/GET \/api\/audits(?![/?])/g, 'npx certkeeper audits'],
  [/POST \/api\/audits, or (?=certkeeper audit)/g, 'npx '],
  [/GET \/api\/backups(?![/?])/g, 'npx certkeeper backups'],
  [/ \(\?merge=true\)/g, ''],
  [/POST \/api\/sweeps\b/g, 'npx certkeeper sweep'],
  [/POST \/api\/notifications\/test\b/g, 'npx certkeeper notify --test'],
  [/\{"recover": true\}/g, '--recover'],
  [/\b(force|live)=true\b/g, '--$1'],
];

/** Advice in the words of the command line: what it names as a call of the API is a command here. */
export function inOwnWords(advice: string): string {
  return COMMANDS.reduce((text, [call, command]) => text.replace(call, command), advice);
}
