/** What the command line tells the shell; scripts rely on these numbers. */
export const EXIT = {
  /** Done, and what was asked for holds. */
  done: 0,
  /** Asked for and refused, blocked or failed; or it does not end. */
  failed: 1,
  /** The command line, or a value in it, cannot be used. */
  usage: 2,
  /** Certkeeper cannot be reached, or does not let the caller in. */
  unreachable: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
