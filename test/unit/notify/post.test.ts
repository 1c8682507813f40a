import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { post } from '../../../shared/notify/post.ts';
import {
  startReceiver,
  type Receiver,
  type ReceiverAnswer,
} from '../../support/notify/receiver.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(() => {
  receiver.received.length = 0;
});

const SECRET = 'sig=s3cr3t-in-the-address';
/** The error; a message that was taken is no error. */
async function send(answer: ReceiverAnswer, takesAtMostMs?: number) {
  receiver.answer(answer);
  const address = `${receiver.url}/hook?${SECRET}`;
  try {
    await post({ place: 'teams:ops', address, body: '{"a":"é"}' }, takesAtMostMs);
    return undefined;
  } catch (error) {
    expect(JSON.stringify([error, String(error), (error as Error).stack])).not.toContain('s3cr3t');
    return error as TerminalError | TransientError;
  }
}

describe('posting to a place', () => {
  it('sends the body as JSON', async () => {
    expect(await send({ status: 202 })).toBeUndefined();
    expect(receiver.received).toMatchObject([
      {
        path: `/hook?${SECRET}`,
        headers: { 'content-type': 'application/json', 'user-agent': 'certkeeper' },
        body: '{"a":"é"}',
      },
    ]);
  });

  test.each([
    ['a bad message', 400, 'invalid_blocks', /refused the message \(HTTP 400 invalid_blocks\)/],
    ['a wrong key', 403, '<html>Forbidden sig=s3cr3t</html>', /refused the message \(HTTP 403\)/],
    ['a webhook that is gone', 410, '', /refused the message \(HTTP 410\)/],
  ])('%s is refused for good', async (_name, status, body, expected) => {
    const error = await send({ status, body });
    expect(error).toBeInstanceOf(TerminalError);
    expect(error?.problem).toMatchObject({ code: 'NOTIFICATION_REFUSED', resource: 'teams:ops' });
    expect(error?.problem.message).toMatch(expected);
  });

  test.each([
    ['too many requests', { status: 429, headers: { 'retry-after': '30' } }, 30],
    ['a restart', { status: 503 }, undefined],
    ['a gateway without its server', { status: 502, body: '<html>' }, undefined],
    ['a request that was too slow', { status: 408 }, undefined],
    ['a time that is none', { status: 503, headers: { 'retry-after': 'soon' } }, undefined],
    [
      'a time in the past',
      { status: 503, headers: { 'retry-after': 'Fri, 1 Jan 2021 00:00:00 GMT' } },
      0,
    ],
  ])('%s passes', async (_name, answer, seconds) => {
    const error = await send(answer);
    expect(error).toBeInstanceOf(TransientError);
    expect(error?.problem.code).toBe('NOTIFICATION_UNDELIVERED');
    expect((error as TransientError).retryAfterSeconds).toBe(seconds);
  });

  it('does not follow a redirect', async () => {
    const elsewhere = await startReceiver();
    const headers = { location: `${elsewhere.url}/steal` };
    for (const status of [301, 302, 303, 307, 308]) {
      const error = await send({ status, headers });
      expect(error).toBeInstanceOf(TerminalError);
      expect(error?.problem.message).toMatch(/another address/);
    }
    expect(elsewhere.received).toEqual([]);
    await elsewhere.stop();
  });

  it('gives up a receiver that does not answer', async () => {
    const error = await send({ hang: true }, 50);
    expect(error).toBeInstanceOf(TransientError);
    expect(error?.problem.message).toMatch(/did not answer in 0\.05 seconds/);
  });

  it('reads no more of an answer than it needs', async () => {
    expect(await send({ status: 200, flood: 50_000_000 })).toBeUndefined();
    const error = await send({ status: 500, flood: 50_000_000 });
    expect(error?.problem.message).toMatch(/\(HTTP 500\)/);
  });

  it('says of a place that is not there that it does not answer', async () => {
    const gone = await startReceiver();
    await gone.stop();
    const sending = post({ place: 'slack', address: gone.url, body: '{}' });
    await expect(sending).rejects.toThrow(TransientError);
  });
});
