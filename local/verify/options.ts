/** The command line of `npm run verify:azure`. */
import { readFolder, readOptions, UsageError } from '../console/options.ts';
import type { Subject } from './place.ts';
import type { Area, Need } from './question.ts';

export const USAGE = `Asks Azure what the simulated Azure assumes, and compares the answers.

  npm run verify:azure -- --subscription ID --resource-group G --service S

It needs a resource group and an API Management service that are there to be
thrown away, and whoever is signed in (az login) as their Contributor.
Everything it makes is named ckverify-… and is removed again, after Ctrl-C too.
docs/verify-azure.md says what it costs and what becomes of the answers.

  --subscription ID   default: the variable AZURE_SUBSCRIPTION_ID
  --resource-group G  a vault, and system topics, are made in it
  --service S         the API Management service, in that resource group
  --tenant ID         to sign in to; default: that of az login
  --slow              asks also what takes 15 minutes and more: CA certificates
                      (updates of the service), firewalls
  --graph             asks also about Entra applications, with throw-away ones
  --consent           with --graph: asks also what takes an administrator's
                      consent
  --only WHAT         asks only this question, or those about this part;
                      may be given several times
  --list              lists the questions and asks none
  --remove-leftovers  removes what an earlier run left, without asking
  --output DIR        writes verify-azure.md and verify-azure.json there
  --strict            exit code 1 when an answer is different
  --against local     asks a simulated Azure, started for it; needs none of the
                      above
  --set NAME=VALUE    with --against local: a setting of that Azure, such as
                      assumptions.refreshAnswer=previous; several times
  --help              this text

Exit code: 0 when questions were asked, whatever the answers; 1 when none could
be; 2 for an option that cannot be read; 130 after Ctrl-C.
`;

export interface VerifyOptions {
  /** Undefined for the simulated Azure, which brings its own. */
  readonly subject: Subject | undefined;
  readonly tenant: string | undefined;
  readonly allowed: ReadonlySet<Need>;
  readonly areas: readonly Area[];
  readonly removeLeftovers: boolean;
  readonly output: string | undefined;
  readonly strict: boolean;
  /** Of the simulated Azure. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'list'; readonly areas: readonly Area[] }
  | { readonly kind: 'verify'; readonly options: VerifyOptions };

/** Thrown for what cannot be read: UsageError naming the option. */
export function readCommand(
  args: readonly string[],
  all: readonly Area[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const values = readOptions(args, {
    subscription: { type: 'string' },
    'resource-group': { type: 'string' },
    service: { type: 'string' },
    tenant: { type: 'string' },
    slow: { type: 'boolean', default: false },
    graph: { type: 'boolean', default: false },
    consent: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    'remove-leftovers': { type: 'boolean', default: false },
    output: { type: 'string' },
    strict: { type: 'boolean', default: false },
    against: { type: 'string', default: 'azure' },
    set: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  });
  if (values.help) return { kind: 'help' };
  const areas = select(all, values.only);
  if (values.list) return { kind: 'list', areas };
  const { against, set, tenant, output } = values;
  if (against !== 'azure' && against !== 'local') {
    throw new UsageError(`--against is azure or local, not "${against}".`);
  }
  if (set.length > 0 && against === 'azure') {
    throw new UsageError('--set is for --against local: Azure cannot be told how to behave.');
  }
  if (values.consent && !values.graph) throw new UsageError('--consent goes with --graph.');
  const needs = (['slow', 'graph', 'consent'] as const).filter((one) => values[one]);
  return {
    kind: 'verify',
    options: {
      subject:
        against === 'local'
          ? undefined
          : readSubject({
              subscriptionId: values.subscription ?? environment['AZURE_SUBSCRIPTION_ID'],
              resourceGroup: values['resource-group'],
              service: values.service,
            }),
      // Nothing of the simulated Azure takes long or has to be allowed.
      allowed: new Set(against === 'local' ? ['slow', 'graph', 'consent'] : needs),
      ...{ tenant, areas },
      removeLeftovers: values['remove-leftovers'],
      output: output === undefined ? undefined : readFolder('--output', output),
      strict: values.strict,
      settings: Object.fromEntries(set.map(readSetting)),
    },
  };
}

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const GROUP = /^[\p{L}\p{N}_().-]{1,90}$/u;
const SERVICE = /^[a-z][a-z0-9-]{0,49}$/i;

function readSubject(given: Readonly<Record<keyof Subject, string | undefined>>): Subject {
  const read = (option: string, value: string | undefined, pattern: RegExp, what: string) => {
    if (value === undefined || value === '') {
      throw new UsageError(`${option} is missing: ${what}. --help has an example.`);
    }
    if (!pattern.test(value)) throw new UsageError(`${option}: "${value}" is not ${what}.`);
    return value;
  };
  return {
    subscriptionId: read(
      '--subscription',
      given.subscriptionId,
      GUID,
      'the id of a subscription, as az account list --output table shows it',
    ),
    resourceGroup: read(
      '--resource-group',
      given.resourceGroup,
      GROUP,
      'the name of a resource group to make a vault in',
    ),
    service: read(
      '--service',
      given.service,
      SERVICE,
      'the name of an API Management service that may be thrown away',
    ),
  };
}

function readSetting(text: string): [string, unknown] {
  const [name, ...value] = text.split('=');
  if (name === undefined || name === '' || value.length === 0) {
    throw new UsageError(`--set is NAME=VALUE, not "${text}".`);
  }
  const given = value.join('=');
  const isPlain = /^(?:true|false|\d+(?:\.\d+)?)$/.test(given);
  return [name, isPlain ? JSON.parse(given) : given];
}

function select(all: readonly Area[], only: readonly string[]): readonly Area[] {
  if (only.length === 0) return all;
  const known = all.flatMap(({ name, questions }) => [name, ...questions.map(({ id }) => id)]);
  const unknown = only.find((one) => !known.includes(one));
  if (unknown !== undefined) {
    throw new UsageError(`--only: there is no question or part "${unknown}". --list has them.`);
  }
  return all.flatMap((area) => {
    const questions = only.includes(area.name)
      ? area.questions
      : area.questions.filter(({ id }) => only.includes(id));
    return questions.length === 0 ? [] : [{ ...area, questions }];
  });
}
