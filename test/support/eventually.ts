/**
 * Asks again and again until the answer is accepted, more seldom where asking is work.
 * Thrown when that takes longer than `withinMs`: an Error that shows the last answer.
 */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  accept: (answer: Answer) => boolean,
  withinMs = 30_000,
  everyMs = 50,
): Promise<Answer> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (accept(answer)) return answer;
    if (Date.now() > deadline) {
      throw new Error(`It did not come to pass; the last answer was ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
