import { parseArgs } from 'node:util';
import { messageOf } from './start-error.ts';

export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string }
  | {
      readonly kind: 'run';
      readonly appDir: string;
      readonly port: number;
      readonly stateDir: string;
      readonly requireKeys: boolean;
      /** Absent = no sign-in is in front; empty = nobody is signed in until they do. */
      readonly signInAs?: readonly string[];
      readonly verbose: boolean;
    };

export const usage = `A Functions host for one machine: runs an app as Azure Functions would.

  --app DIR        folder with package.json and host.json (default: here)
  --port P         port on 127.0.0.1, 0 for any free one (default: 7071)
  --state DIR      keys, task hub, timers (default: .local)
  --require-keys   HTTP functions ask for their key; without it they do not,
                   /runtime/webhooks and /admin always do
  --sign-in-as R   puts a stand-in for App Service's authentication in front
                   (/.auth): without signing in, requests come from somebody
                   with the app roles R (with commas), or from nobody
  --verbose        log everything
  --help           this text
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
        port: { type: 'string', default: '7071' },
        state: { type: 'string', default: '.local' },
        'require-keys': { type: 'boolean', default: false },
        'sign-in-as': { type: 'string' },
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
  const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
  if (!(port <= 65_535)) {
    return {
      kind: 'wrong',
      message: `--port must be a number from 0 to 65535, not "${values.port}".`,
    };
  }
  return {
    kind: 'run',
    appDir: values.app,
    port,
    stateDir: values.state,
    requireKeys: values['require-keys'],
    ...(signInAs === undefined ? {} : { signInAs: readRoles(signInAs) }),
    verbose: values.verbose,
  };
}

/** Roles with commas between them; `nobody` is none at all. */
export function readRoles(text: string): readonly string[] {
  if (text.trim().toLowerCase() === 'nobody') return [];
  return text
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
}
