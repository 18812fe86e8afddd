import { Failure } from '../../schemas/failure.ts';

/** A refusal for now. @param retryAfterSeconds a whole number, rounded up: earlier is in vain */
export function rateLimited(retryAfterSeconds: number): Failure {
  const when = retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`;
  return new Failure(
    'RATE_LIMITED',
    'There have been more requests than one caller may send.',
    `Wait ${when}, then send the same request again; send fewer at once.`,
    { retryAfterSeconds },
  );
}
