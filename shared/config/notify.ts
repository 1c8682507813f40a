import type { Environment, SettingProblem } from './contradictions.ts';
import { addressSetting, kindOfPlace, secretSetting, type Place } from '../domain/notify/place.ts';
import { parseNotify, type NotifyRule } from '../domain/notify/rules.ts';

/** Who is told of what. */
export interface NotifySettings {
  readonly rules: readonly NotifyRule[];
  /** Every place that a rule names, each once. */
  readonly places: readonly Place[];
}

/** HMAC keys as Standard Webhooks wants them: 24 to 64 bytes (https://www.standardwebhooks.com). */
const KEY_BYTES = { least: 24, most: 64 } as const;
const KEY_PREFIX = 'whsec_';
/** What App Service leaves in place of a Key Vault reference that it could not follow. */
const UNRESOLVED = /^@Microsoft\.KeyVault\(/i;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Reads `CERTKEEPER_NOTIFY`, and for each place that it names the settings that hold its address and
 * its key. Those are secrets: no problem that is told quotes one.
 *
 * A Key Vault reference that could not be followed is no bad setting: certificates are kept current
 * all the same, and the place cannot be told until it can.
 */
export function readNotify(environment: Environment): {
  readonly notify: NotifySettings;
  readonly problems: readonly SettingProblem[];
} {
  const { rules, errors } = parseNotify(environment['CERTKEEPER_NOTIFY'] ?? '');
  const problems: SettingProblem[] = errors.map((problem) => ({
    name: 'CERTKEEPER_NOTIFY',
    problem,
  }));
  const names = [...new Set(rules.flatMap((rule) => rule.places))].sort();
  const places = names.flatMap((name) => {
    const read = readPlace(name, environment);
    problems.push(...read.problems);
    return read.place === undefined ? [] : [read.place];
  });
  return { notify: { rules, places }, problems };
}

function readPlace(
  name: string,
  environment: Environment,
): { readonly place?: Place; readonly problems: readonly SettingProblem[] } {
  const kind = kindOfPlace(name);
  if (kind === 'topic') {
    const isThere = valueOf(environment, 'CERTKEEPER_EVENTS_TOPIC') !== undefined;
    const problem = 'is missing: CERTKEEPER_NOTIFY names the topic';
    const problems = isThere ? [] : [{ name: 'CERTKEEPER_EVENTS_TOPIC', problem }];
    return { place: { name, kind }, problems };
  }
  const setting = addressSetting(name);
  const given = valueOf(environment, setting);
  const isLocal = valueOf(environment, 'CERTKEEPER_LOCAL_AZURE') !== undefined;
  const address = isUnresolved(given) ? undefined : given;
  const problem = given === undefined ? MISSING : addressProblem(address, isLocal);
  const key = kind === 'webhook' ? readKey(name, environment) : {};
  const problems = [
    ...(problem === undefined ? [] : [{ name: setting, problem }]),
    ...(key.problem === undefined ? [] : [{ name: secretSetting(name), problem: key.problem }]),
  ];
  const place: Place = {
    ...{ name, kind },
    ...(address === undefined ? {} : { address }),
    ...(key.signingKey === undefined ? {} : { signingKey: key.signingKey }),
  };
  return { place, problems };
}

const MISSING = 'is missing: CERTKEEPER_NOTIFY names its place';

/** On one machine a receiver may be there too; anywhere else what is sent is encrypted. */
function addressProblem(address: string | undefined, isLocal: boolean): string | undefined {
  if (address === undefined) return undefined;
  const url = URL.parse(address);
  const isHere = isLocal && url?.protocol === 'http:' && LOOPBACK.has(url.hostname);
  if (url === null || (url.protocol !== 'https:' && !isHere)) return 'must be an https address';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  return undefined;
}

function readKey(
  name: string,
  environment: Environment,
): { readonly signingKey?: Uint8Array; readonly problem?: string } {
  const given = valueOf(environment, secretSetting(name));
  if (given === undefined) return { problem: `is missing: ${KEY_FORM}` };
  if (isUnresolved(given)) return {};
  const encoded = given.startsWith(KEY_PREFIX) ? given.slice(KEY_PREFIX.length) : '';
  const key = Buffer.from(encoded, 'base64');
  const isWhole = key.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
  if (!isWhole || key.length < KEY_BYTES.least || key.length > KEY_BYTES.most) {
    return { problem: `must be ${KEY_FORM}` };
  }
  return { signingKey: new Uint8Array(key) };
}

const KEY_FORM = `${KEY_PREFIX} and 24 to 64 random bytes in base64`;

function valueOf(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

function isUnresolved(value: string | undefined): boolean {
  return value !== undefined && UNRESOLVED.test(value);
}
