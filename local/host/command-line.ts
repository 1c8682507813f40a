import { parseArgs } from 'node:util';
import { splitOrigins } from './cors-settings.ts';
import type { CorsSettings } from './http/cors.ts';
import { messageOf } from './start-error.ts';

export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string }
  | {
      readonly kind: 'run';
      readonly appDir: string;
      /** Absent = what local.settings.json says, or 7071. */
      readonly port?: number;
      readonly stateDir: string;
      readonly requireKeys: boolean;
      /** Absent = no sign-in is in front; empty = nobody is signed in until they do. */
      readonly signInAs?: readonly string[];
      /** Absent = what local.settings.json says, or the settings. */
      readonly cors?: CorsSettings;
      readonly verbose: boolean;
    };

export const usage = `A Functions host for one machine: runs an app as Azure Functions would.

  --app DIR        folder with package.json and host.json (default: here)
  --port P         port on 127.0.0.1, 0 for any free one (default: that of
                   local.settings.json, Host.LocalHttpPort, or 7071)
  --state DIR      keys, task hub, timers (default: .local)
  --require-keys   HTTP functions ask for their key; without it they do not,
                   /runtime/webhooks and /admin always do
  --sign-in-as R   puts a stand-in for App Service's authentication in front
                   (/.auth): without signing in, requests come from somebody
                   with the app roles R (with commas), or from nobody
  --cors O         origins whose pages may call, with commas between, or *
                   (default: Host.CORS of local.settings.json)
  --cors-credentials
                   these pages may send cookies and the like along
  --verbose        log from Debug up, save where host.json has another level
                   for a category, and show the stack of what went wrong
  --help           this text

App settings come from the environment, then from local.settings.json.
Exit codes: 0 stopped, 1 the app or its surroundings, 2 a wrong option.
`;

/** Reads the arguments after the script's name. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      strict: true,
      options: {
        app: { type: 'string', default: '.' },
        port: { type: 'string' },
        state: { type: 'string', default: '.local' },
        'require-keys': { type: 'boolean', default: false },
        'sign-in-as': { type: 'string' },
        cors: { type: 'string' },
        'cors-credentials': { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    // Node's second sentence explains how to pass such a text as a positional; there are none here.
    const [message = ''] = messageOf(error).split('. ');
    return { kind: 'wrong', message: `${message}. --help lists the options.` };
  }
  if (values.help) return { kind: 'help' };
  const signInAs = values['sign-in-as'];
  const { cors, port } = values;
  if (values['cors-credentials'] && cors === undefined) {
    return { kind: 'wrong', message: '--cors-credentials needs --cors, which names the pages.' };
  }
  if (port !== undefined && !isPort(port)) {
    return { kind: 'wrong', message: `--port must be a number from 0 to 65535, not "${port}".` };
  }
  return {
    kind: 'run',
    appDir: values.app,
    ...(port === undefined ? {} : { port: Number(port) }),
    stateDir: values.state,
    requireKeys: values['require-keys'],
    ...(signInAs === undefined ? {} : { signInAs: readRoles(signInAs) }),
    ...(cors === undefined
      ? {}
      : { cors: { origins: splitOrigins(cors), credentials: values['cors-credentials'] } }),
    verbose: values.verbose,
  };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

/** Roles with commas between them; `nobody` is none at all. */
export function readRoles(text: string): readonly string[] {
  if (text.trim().toLowerCase() === 'nobody') return [];
  return text
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
}
