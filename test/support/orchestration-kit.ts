import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  makeOrchestrationKit as makeHostKit,
  type OrchestrationKit,
  type OrchestrationKitOptions,
} from '../../local/host/test-kit/index.ts';

export type { OrchestrationKit } from '../../local/host/test-kit/index.ts';

/** The host's kit, in which what is started has the version that Certkeeper's host.json gives it. */
export function makeOrchestrationKit(options: OrchestrationKitOptions): Promise<OrchestrationKit> {
  return makeHostKit({
    ...options,
    settings: { defaultVersion: appVersion(), ...options.settings },
  });
}

function appVersion(): string {
  const file = path.join(import.meta.dirname, '..', '..', 'host.json');
  const { extensions } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly extensions: { readonly durableTask: { readonly defaultVersion: string } };
  };
  return extensions.durableTask.defaultVersion;
}
