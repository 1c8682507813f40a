/** One line of progress for a step that takes a while: live on a terminal, two plain lines elsewhere. */

const FRAME_MS = 250;

/**
 * Runs `work` behind a progress line.
 * @template T
 * @param {{ doing: string, done: string }} text e.g. `Installing packages`, `Installed packages`
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} what `work` answers; its error passes through, the line says that it failed
 */
export async function withProgress(text, work) {
  const live = process.stderr.isTTY && !process.env['CI'];
  const started = Date.now();
  const seconds = () => {
    const elapsed = (Date.now() - started) / 1000;
    return elapsed.toFixed(elapsed < 10 ? 1 : 0);
  };
  const draw = () => process.stderr.write(`\r\u001b[K${text.doing} … ${seconds()} s`);
  if (live) draw();
  else process.stderr.write(`${text.doing} …\n`);
  const timer = live ? setInterval(draw, FRAME_MS) : undefined;
  const end = (line) => {
    clearInterval(timer);
    process.stderr.write(`${live ? '\r\u001b[K' : ''}${line}\n`);
  };
  try {
    const result = await work();
    end(`${text.done} in ${seconds()} s.`);
    return result;
  } catch (error) {
    end(`${text.doing} failed after ${seconds()} s.`);
    throw error;
  }
}
