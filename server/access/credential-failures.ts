import { Failure } from '../../schemas/failure.ts';

/** One sentence whatever is wrong with a key or token: whoever guesses learns nothing; the log has the cause. */
export function unauthenticated(options?: ErrorOptions): Failure {
  return new Failure(
    'UNAUTHENTICATED',
    'This key or token is not valid.',
    'Send “Authorization: Bearer …” with a key of this server (npm run keys) or a token of its issuer.',
    options,
  );
}

/** For who brings neither key nor token. */
export function noCredentials(): Failure {
  return new Failure(
    'UNAUTHENTICATED',
    'This server wants to know who calls.',
    'Send “Authorization: Bearer …” with a key of this server (npm run keys) or a token of its issuer.',
  );
}

/** While keys can’t be looked up: the caller’s own may be good. */
export function unavailable(options?: ErrorOptions): Failure {
  return new Failure(
    'AUTHENTICATION_UNAVAILABLE',
    'The server can’t find out just now whether a key or token is valid.',
    'Try again in a few seconds with the same one; the server’s log has the cause.',
    options,
  );
}
