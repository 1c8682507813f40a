import fc from 'fast-check';
import type { Problem } from '../../../shared/domain/errors.ts';
import {
  INSTALLATION_ID,
  isTrusted,
  judgeMark,
  tellMark,
  toSeen,
  type Mark,
  type SeenMark,
} from '../../../shared/domain/installation.ts';

const NOW = '2026-11-28T12:00:00.000Z';
const ago = (seconds: number): string => new Date(Date.parse(NOW) - seconds * 1_000).toISOString();
const DAY = 86_400;

const REFUSED: Problem = {
  code: 'CERTKEEPER_PERMISSION_MISSING',
  message: 'Certkeeper itself may not write it.',
  cure: 'az role assignment create …',
};
const OURS: Mark = { kind: 'ours' };
const NONE: Mark = { kind: 'none' };
const FOREIGN: Mark = { kind: 'foreign', installation: 'other' };
const UNREAD: Mark = { kind: 'unknown', lacks: 'read', problem: REFUSED };
const UNWRITTEN: Mark = { kind: 'unknown', lacks: 'write', problem: REFUSED };

describe('what a mark says to an installation', () => {
  test.each<[string, string | undefined, Mark]>([
    ['no mark', undefined, NONE],
    ['its own', 'contoso', OURS],
    ['that of another one', 'other', FOREIGN],
    [
      'its own in other letters, which is another one',
      'Contoso',
      { ...FOREIGN, installation: 'Contoso' },
    ],
    ['something that nobody here wrote', '', { ...FOREIGN, installation: '' }],
  ])('%s', (_, read, mark) => {
    expect(judgeMark(read, 'contoso')).toEqual(mark);
  });

  it('is harmless in a sentence, whatever somebody wrote there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const mark = judgeMark(`${text}\u001b[2J\u202e`, 'contoso');
        const said = tellMark('contoso-gw', mark)?.message ?? '';
        expect(said).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(said.length).toBeLessThan(260);
      }),
    );
  });

  it('every id that is made or set can be an installation', () => {
    for (const id of ['prod-ab1c2d3e4f5g6', crypto.randomUUID(), 'a']) {
      expect(id).toMatch(INSTALLATION_ID);
    }
    for (const id of ['', '-a', 'a b', 'a/b', 'a'.repeat(61), 'ä']) {
      expect(id).not.toMatch(INSTALLATION_ID);
    }
  });
});

describe('whether a service is changed without another look', () => {
  test.each<[string, SeenMark | undefined, boolean]>([
    ['never looked at', undefined, false],
    ['without a mark: it is to be marked first', { mark: NONE, seenAt: NOW }, false],
    ['kept by another one: it may be free by now', { mark: FOREIGN, seenAt: NOW }, false],
    ['found to be its own', { mark: OURS, seenAt: ago(10) }, true],
    ['found so just within a day', { mark: OURS, seenAt: ago(DAY - 1) }, true],
    ['found so a day ago', { mark: OURS, seenAt: ago(DAY) }, false],
    ['found so by a clock that is ahead', { mark: OURS, seenAt: ago(-1) }, false],
    ['claimed a moment ago', { mark: OURS, seenAt: NOW, claimedAt: ago(1) }, false],
    ['claimed, and not seen since', { mark: OURS, seenAt: ago(500), claimedAt: ago(500) }, false],
    ['claimed, and seen a minute later', { mark: OURS, seenAt: ago(5), claimedAt: ago(65) }, true],
    ['where it may not be read', { mark: UNREAD, seenAt: ago(10) }, true],
    ['where it may not be written', { mark: UNWRITTEN, seenAt: ago(10) }, true],
    ['where it could not be a day ago', { mark: UNWRITTEN, seenAt: ago(DAY) }, false],
  ])('%s', (_, seen, trusted) => {
    expect(isTrusted(seen, NOW)).toBe(trusted);
  });
});

describe('what is remembered of a look', () => {
  const before = (mark: Mark, seconds: number, claimed?: number): SeenMark => ({
    ...{ mark, seenAt: ago(seconds) },
    ...(claimed === undefined ? {} : { claimedAt: ago(claimed) }),
  });
  const now = (mark: Mark): SeenMark => ({ mark, seenAt: NOW });

  test.each<[string, Mark, SeenMark | undefined, SeenMark]>([
    ['the first one', OURS, undefined, now(OURS)],
    ['a claim stays one', OURS, before(OURS, 5, 5), { ...now(OURS), claimedAt: ago(5) }],
    ['a claim that was lost is none', FOREIGN, before(OURS, 5, 5), now(FOREIGN)],
    ['what somebody took away is gone', NONE, before(OURS, 5), now(NONE)],
    [
      'no mark where none can be written is no news',
      NONE,
      before(UNWRITTEN, 5),
      before(UNWRITTEN, 5),
    ],
    ['but is tried again after a day', NONE, before(UNWRITTEN, DAY), now(NONE)],
    ['what can be read again was only unread', NONE, before(UNREAD, 5), now(NONE)],
    ['a foreign mark counts, whatever may be written', FOREIGN, before(UNWRITTEN, 5), now(FOREIGN)],
  ])('%s', (_, mark, seen, remembered) => {
    expect(toSeen(mark, seen, NOW)).toEqual(remembered);
  });
});

describe('what people are told', () => {
  it('is nothing where nothing is wrong', () => {
    expect(tellMark('contoso-gw', OURS)).toBeUndefined();
    expect(tellMark('contoso-gw', NONE)).toBeUndefined();
  });

  it('names the other installation, and how to take the service', () => {
    const told = tellMark('contoso-gw', FOREIGN);
    expect(told?.code).toBe('SERVICE_TAKEN');
    expect(told?.message).toContain('other');
    expect(told?.cure).toContain('POST /api/services/contoso-gw/take');
  });

  it('says what is missing where nobody can tell', () => {
    expect(tellMark('contoso-gw', UNWRITTEN)).toMatchObject({
      code: 'SERVICE_UNMARKED',
      message: expect.stringContaining(REFUSED.message) as string,
      cure: REFUSED.cure,
    });
  });
});
