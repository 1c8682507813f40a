/** How a command that stays up is asked to end. */
import process from 'node:process';

/**
 * One Ctrl-C reaches a program several times: from the terminal, and passed on by npm. What comes
 * within this time counts as one.
 */
const SAME_SIGNAL_MS = 750;

/**
 * Calls `stop` at the first request to end and `force` at the second: Ctrl-C, a termination
 * signal, a closed terminal, or the end of the process that started this one.
 */
export function onStopSignal(stop: () => void, force: () => void): void {
  let askedAt: number | undefined;
  const ask = (): void => {
    const now = performance.now();
    if (askedAt === undefined) {
      askedAt = now;
      stop();
    } else if (now - askedAt > SAME_SIGNAL_MS) {
      force();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
  if (process.channel !== undefined) {
    process.once('disconnect', ask);
    // Listening must not keep a program alive that is done.
    process.channel.unref();
  }
}
