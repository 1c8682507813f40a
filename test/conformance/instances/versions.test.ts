import type { OrchestrationContext, Task } from 'durable-functions';
import { compareVersions } from '../../../local/host/durable/version-match.ts';
import { conforms } from '../../support/conformance.ts';
import { makeDurableHost } from '../../support/host/durable-host.ts';

const page =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestration-versioning';
const rules = `${page}#version-comparison-rules`;
const matching = `${page}#version-matching`;
const mismatch = `${page}#version-mismatch-handling`;
const starting = `${page}#starting-new-orchestrations-and-sub-orchestrations-with-specific-versions`;

type Run = Generator<Task, unknown, unknown>;

const orchestrators = {
  // eslint-disable-next-line require-yield -- it ends before it asks for anything
  *Version(context: OrchestrationContext): Run {
    return context.df.version;
  },
  *Parent(context: OrchestrationContext): Run {
    return [context.df.version, yield context.df.callSubOrchestrator('Version')];
  },
  *ParentOfOld(context: OrchestrationContext): Run {
    return yield context.df.callSubOrchestrator('Version', null, undefined, '0.9');
  },
  *Wait(context: OrchestrationContext): Run {
    const got = yield context.df.waitForExternalEvent('go');
    return [context.df.version, got];
  },
};

describe('versions', () => {
  conforms(page, 'a new instance has the defaultVersion, and keeps it', async () => {
    const host = await makeDurableHost({ orchestrators, settings: { defaultVersion: '1.0' } });
    await host.client.startNew('Wait', { instanceId: 'one' });
    await host.becomes('one', 'Running');
    await host.restart({ settings: { defaultVersion: '2.0' } });
    await host.client.raiseEvent('one', 'go', 'x');
    expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ['1.0', 'x'] });
  });

  conforms(page, 'without a defaultVersion the version is null', async () => {
    const host = await makeDurableHost({ orchestrators });
    await host.client.startNew('Version', { instanceId: 'one' });
    expect(await host.becomes('one', 'Completed')).toMatchObject({ output: null });
  });

  conforms(page, 'a sub-orchestration has the defaultVersion, not its parent’s', async () => {
    const host = await makeDurableHost({ orchestrators, settings: { defaultVersion: '2.0' } });
    await host.client.startNew('Parent', { instanceId: 'one', version: '1.0' });
    expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ['1.0', '2.0'] });
  });

  conforms(starting, 'a start may name another version: client and HTTP', async () => {
    const host = await makeDurableHost({ orchestrators, settings: { defaultVersion: '2.0' } });
    await host.client.startNew('Version', { instanceId: 'one', version: '1.5' });
    expect(await host.becomes('one', 'Completed')).toMatchObject({ output: '1.5' });
    await host.call('POST', 'orchestrators/Version/two?version=1.6');
    expect(await host.becomes('two', 'Completed')).toMatchObject({ output: '1.6' });
  });

  conforms(
    'durable-functions lib/src/actions/CallSubOrchestratorAction.js',
    'a sub-orchestration may be started with another version',
    async () => {
      const host = await makeDurableHost({ orchestrators, settings: { defaultVersion: '2.0' } });
      await host.client.startNew('ParentOfOld', { instanceId: 'one' });
      expect(await host.becomes('one', 'Completed')).toMatchObject({ output: '0.9' });
    },
  );
});

describe('the versionMatchStrategy', () => {
  const cases: [strategy: string | undefined, version: string | undefined, runs: boolean][] = [
    [undefined, '1.0', true],
    [undefined, '2.0', true],
    [undefined, '2.1', false],
    ['CurrentOrOlder', '1.9', true],
    ['currentorolder', '3.0', false],
    ['Strict', '2.0', true],
    ['Strict', '1.0', false],
    ['Strict', '2.0.0', false],
    ['None', '3.0', true],
  ];
  for (const [strategy, version, runs] of cases) {
    const name = strategy === undefined ? 'that is not given' : `'${strategy}'`;
    const what = `${runs ? 'runs' : 'leaves alone'} version ${version} where 2.0 is the default`;
    conforms(matching, `${name} ${what}`, async () => {
      const host = await makeDurableHost({
        orchestrators,
        settings: {
          defaultVersion: '2.0',
          ...(strategy !== undefined && { versionMatchStrategy: strategy }),
        },
      });
      await host.call('POST', `orchestrators/Version/one?version=${version}`);
      if (runs) await host.becomes('one', 'Completed');
      else await host.until(() => host.log.some((line) => line.includes('does not fit')));
      expect(await host.client.getStatus('one')).toMatchObject({
        runtimeStatus: runs ? 'Completed' : 'Pending',
      });
    });
  }

  conforms(rules, 'an instance without a version is older than any', async () => {
    const host = await makeDurableHost({ orchestrators });
    await host.client.startNew('Wait', { instanceId: 'old' });
    await host.becomes('old', 'Running');
    await host.restart({ settings: { defaultVersion: '0.1' } });
    await host.client.raiseEvent('old', 'go', 'x');
    expect(await host.becomes('old', 'Completed')).toMatchObject({ output: [null, 'x'] });
  });
});

describe('the versionFailureStrategy', () => {
  const newer = { defaultVersion: '2.0' };
  const older = { defaultVersion: '1.0' };

  conforms(mismatch, 'Reject, the default, leaves an instance until a host fits it', async () => {
    const host = await makeDurableHost({ orchestrators, settings: newer });
    await host.client.startNew('Wait', { instanceId: 'one' });
    await host.becomes('one', 'Running');
    await host.restart({ settings: older });
    await host.client.raiseEvent('one', 'go', 'kept');
    await host.until(() => host.log.some((line) => line.includes('does not fit')));
    await host.becomes('one', 'Running');
    await host.restart({ settings: newer });
    expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ['2.0', 'kept'] });
  });

  conforms(mismatch, 'Fail ends an instance that does not fit', async () => {
    const host = await makeDurableHost({ orchestrators, settings: newer });
    await host.client.startNew('Wait', { instanceId: 'one' });
    await host.becomes('one', 'Running');
    await host.restart({ settings: { ...older, versionFailureStrategy: 'Fail' } });
    await host.client.raiseEvent('one', 'go', 'x');
    expect(await host.becomes('one', 'Failed')).toMatchObject({
      output: expect.stringMatching(/^VersionMismatch: .*'2\.0'.*'1\.0'/) as string,
    });
  });
});

describe('versions are compared', () => {
  const cases: [one: string, relation: '<' | '=' | '>', other: string, why: string][] = [
    ['', '=', '', 'none equals none'],
    [' ', '=', '', 'blank is none'],
    ['', '<', '0.0', 'none is older than any'],
    ['v1', '>', '', 'any is newer than none'],
    ['1.9', '<', '1.10', 'as numbers'],
    ['1.0', '<', '1.0.0', 'a missing part comes before zero'],
    ['1.0.0.1', '>', '1.0.0', 'up to four parts'],
    ['01.2', '=', '1.2', 'leading zeros do not count'],
    ['9', '>', '10', 'a single number is no .NET Version: as text'],
    ['1.2.3.4.5', '<', '1.2.3.4.6', 'five parts: as text'],
    ['2147483648.0', '>', '10.0', 'a part past 32 bits: as text'],
    ['V1-Beta', '=', 'v1-beta', 'text without case'],
    ['2025-01-02', '>', '2025-01-01', 'dates as text'],
    ['1.0', '<', 'a', 'a number and a text: as text'],
  ];
  for (const [one, relation, other, why] of cases) {
    conforms(rules, `'${one}' ${relation} '${other}': ${why}`, () => {
      expect(Math.sign(compareVersions(one, other))).toBe({ '<': -1, '=': 0, '>': 1 }[relation]);
    });
  }
});
