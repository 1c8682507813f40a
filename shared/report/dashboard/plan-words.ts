import type { Step } from '../../domain/plan.ts';

const STEPS: Readonly<Record<Step['kind'], string>> = {
  none: 'Holds the current version: nothing to do',
  observe: 'Is looked at',
  identify: 'Is read, to know what it holds',
  attach: 'Is made, with a reference to the vault',
  repoint: 'Its reference is made to follow the newest version',
  refresh: 'Reads the new version from the vault',
  push: 'Is given the certificate',
  install: 'Goes into the store of CA certificates with its next update',
  uninstall: 'Leaves the store of CA certificates with its next update',
  register: 'Its application is given the public key',
  withdraw: 'Its application loses the public key',
  reread: 'Is read once more',
  release: 'Is given up, and left as it is',
  remove: 'Is removed',
  blocked: 'Cannot be brought up to date',
};

/** What a step of a plan does at its target. A step of a later version is named as it is. */
export function stepWords(step: string): string {
  return new Map<string, string>(Object.entries(STEPS)).get(step) ?? step;
}
