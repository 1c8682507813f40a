import { connect } from 'node:net';

/** Sends bytes that no HTTP client would, and gives what comes back until the host hangs up. */
export function rawExchange(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((done) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
    // The host may hang up while it is still being written to.
    socket.on('error', () => undefined);
    socket.on('close', () => done(answer));
  });
}
