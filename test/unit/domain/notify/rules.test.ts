import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseNotify, routesOf, type Subject } from '../../../../shared/domain/notify/rules.ts';
import { EVENT_NAMES, eventSeverity } from '../../../../shared/domain/notify/events.ts';
import type { OutcomeEvent } from '../../../../shared/domain/event-ports.ts';

const finding = (code: string, severity: Subject['severity'] = 'medium'): Subject => ({
  ...{ kind: 'finding', code, severity },
});
const event = (code: string, severity: Subject['severity'] = 'high'): Subject => ({
  ...{ kind: 'event', code, severity },
});
const routes = (text: string, subject: Subject) => {
  const { rules, errors } = parseNotify(text);
  expect(errors).toEqual([]);
  return Object.fromEntries(routesOf(rules, subject));
};

describe('who is told of what', () => {
  test.each<[string, string, Subject, Record<string, string>]>([
    ['nobody, without a rule', '', finding('EXPIRED'), {}],
    ['a code by its name', 'EXPIRED => slack', finding('EXPIRED'), { slack: 'at-once' }],
    ['another code is not meant', 'EXPIRED => slack', finding('EXPIRES_SOON'), {}],
    ['codes by a pattern', 'EXPIRES_* => slack', finding('EXPIRES_SOON'), { slack: 'at-once' }],
    [
      'a pattern in the middle',
      '*_AT_* => slack',
      finding('STALE_AT_TARGET'),
      { slack: 'at-once' },
    ],
    ['all findings', 'findings => slack', finding('WEAK_KEY', 'low'), { slack: 'at-once' }],
    ['findings are no events', 'findings => slack', event('SyncFailed'), {}],
    ['grave ones', 'findings>=high => slack', finding('EXPIRED', 'critical'), { slack: 'at-once' }],
    [
      'just so grave',
      'findings >= high => slack',
      finding('EXPIRED', 'high'),
      { slack: 'at-once' },
    ],
    ['not grave enough', 'findings>=high => slack', finding('EXPIRED', 'medium'), {}],
    ['all but some', 'findings, !WEAK_* => slack', finding('WEAK_KEY'), {}],
    ['wherever that stands', '!WEAK_*, findings => slack', finding('WEAK_KEY'), {}],
    ['the others', 'findings, !WEAK_* => slack', finding('EXPIRED'), { slack: 'at-once' }],
    ['an event', 'SyncFailed => teams:ops', event('SyncFailed'), { 'teams:ops': 'at-once' }],
    ['events by a pattern', 'Access* => slack', event('AccessBroken'), { slack: 'at-once' }],
    ['events that are bad news', 'events>=high => slack', event('Rotated', 'low'), {}],
    [
      'several places',
      'EXPIRED => teams:ops, webhook:siem, topic',
      finding('EXPIRED'),
      { 'teams:ops': 'at-once', 'webhook:siem': 'at-once', topic: 'at-once' },
    ],
    ['a digest', 'findings => slack (digest)', finding('EXPIRED'), { slack: 'digest' }],
    [
      'at once goes before a digest, whichever rule is first',
      'EXPIRED => slack; findings => slack, teams (digest)',
      finding('EXPIRED'),
      { slack: 'at-once', teams: 'digest' },
    ],
    [
      'at once goes before a digest, in the other order too',
      'findings => slack (digest)\nEXPIRED => slack',
      finding('EXPIRED'),
      { slack: 'at-once' },
    ],
    [
      'what one rule leaves out another may name',
      'findings, !EXPIRED => slack; EXPIRED => slack',
      finding('EXPIRED'),
      { slack: 'at-once' },
    ],
  ])('%s', (_name, text, subject, expected) => {
    expect(routes(text, subject)).toEqual(expected);
  });

  test.each(EVENT_NAMES)('every event can be named: %s', (name) => {
    expect(routes(`${name} => slack`, event(name))).toEqual({ slack: 'at-once' });
  });
});

describe('a rule that cannot be read', () => {
  test.each([
    ['has no arrow', 'EXPIRED', /is not written "what, what => place, place"/],
    ['has two arrows', 'EXPIRED => slack => teams', /is not written/],
    ['names nothing', '=> slack', /is not written/],
    ['names no place', 'EXPIRED =>', /is not written/],
    ['misspells a code', 'EXPIRED_SOONER => slack', /"EXPIRED_SOONER", which is neither/],
    ['has a pattern that fits nothing', 'NOPE_* => slack', /"NOPE_\*", which is neither/],
    ['has a pattern that fits findings and events', '*E* => slack', /which is neither/],
    ['has nothing but a star', '* => slack', /"\*", which is neither/],
    ['asks for a severity that does not exist', 'findings>=urgent => slack', /which is neither/],
    ['only leaves out', '!EXPIRED => slack', /only leaves out/],
    ['names a place of no kind', 'EXPIRED => pager:ops', /the place "pager:ops"/],
    ['names a place with a bad name', 'EXPIRED => teams:Ö', /the place "teams:ö"/],
    ['takes the name of a secret', 'EXPIRED => webhook:siem-secret', /the place/],
    ['takes the name of the secret', 'EXPIRED => webhook:secret', /the place/],
    ['names an address', 'EXPIRED => https://hooks.example/x', /the place/],
  ])('%s', (_name, text, expected) => {
    const { rules, errors } = parseNotify(`SyncFailed => slack; ${text}`);
    expect(errors.join('\n')).toMatch(expected);
    expect(errors.every((error) => error.startsWith('rule 2 '))).toBe(true);
    expect(rules).toHaveLength(1);
  });
});

describe('docs/notifications.md', () => {
  const docs = readFileSync(path.join(__dirname, '../../../../docs/notifications.md'), 'utf8');

  it('begins with rules that can be read', () => {
    const example = /```\w*\nCERTKEEPER_NOTIFY =\n([^]*?)```/.exec(docs)?.[1] ?? '';
    const { rules, errors } = parseNotify(example);
    expect(errors).toEqual([]);
    expect(rules).toHaveLength(4);
    expect(routes(example, finding('EXPIRED', 'critical'))).toEqual({
      'teams:ops': 'at-once',
      'slack:certificates': 'at-once',
      'webhook:siem': 'at-once',
      'teams:managers': 'digest',
    });
  });

  it.each(EVENT_NAMES)('says how grave %s is', (name) => {
    const severity = eventSeverity(`Certkeeper.${name}` as OutcomeEvent['type']) ?? '';
    const [, sentence = ''] = /An event is as grave as this:([^]*?)\n\n/.exec(docs) ?? [];
    const parts = sentence.split(';').map((part) => part.replace(/\s+/g, ' '));
    const named = parts.find((part) => part.includes(`\`${name}\``));
    expect(named ?? 'all others, which tell that something went well, low').toContain(severity);
  });
});
