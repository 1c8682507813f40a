import { spawn } from 'node:child_process';
import process from 'node:process';

/** What people see who have no Core Tools. */
export const CORE_TOOLS_MISSING = `Azure Functions Core Tools (func) are not on the PATH. They are not needed:
\`npm start\` runs the same app on a host of this repository. To have them:

  npm install --global azure-functions-core-tools@4

or as https://learn.microsoft.com/azure/azure-functions/functions-run-local says.
`;

/** As a shell says "command not found". */
export const EXIT_CORE_TOOLS_MISSING = 127;

/** @returns their version, or undefined when there are none that can be run */
export async function findCoreTools(): Promise<string | undefined> {
  const { code, output } = await new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn('func', ['--version'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.once('error', () => resolve({ code: null, output }));
    child.once('close', (code) => resolve({ code, output }));
  });
  return code === 0 ? (output.trim().split('\n').at(-1) ?? '') : undefined;
}
