/** What the command line touches of the world, so that tests can be the world. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: {
    readonly isTerminal: boolean;
    /** All of it, as text. */
    read(): Promise<string>;
    /** One line that a person types after the question; hidden = without showing it. */
    ask(question: string, options?: { readonly hidden?: boolean }): Promise<string>;
  };
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

export interface Sink {
  readonly isTerminal: boolean;
  /** Undefined where nobody knows. */
  readonly columns: number | undefined;
  write(text: string): void;
}
