/** Thrown when a port is taken. The message is one line for the person who started the program. */
export class PortInUseError extends Error {
  readonly port: number;
  readonly option: string;
  /**
   * @param use what the port was wanted for, e.g. `blob storage`
   * @param option the command-line option that chooses another, e.g. `--storage-port`
   */
  constructor(port: number, use: string, option: string) {
    super(`Port ${port} (${use}) is in use. Choose another with ${option}.`);
    this.name = 'PortInUseError';
    this.port = port;
    this.option = option;
  }
}
