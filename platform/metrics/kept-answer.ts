/** The same question, asked anew only when its last answer is older than so long, however many want to know. */
export function keptFor<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let askedAt = -Infinity;
  return () => {
    const now = performance.now();
    if (!answer || now - askedAt > milliseconds) {
      answer = ask();
      askedAt = now;
    }
    return answer;
  };
}
