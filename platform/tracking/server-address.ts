import { isLoopback } from '../../schemas/config.ts';

/** How to prove to MLflow who asks. */
export type MlflowCredentials =
  { readonly username: string; readonly password: string } | { readonly token: string };

export interface ServerAddress {
  /** One spelling per server: loopback names as `localhost`, no trailing slash, no credentials. */
  readonly name: string;
  /** Where to send requests: as given, without credentials, query or trailing slash. */
  readonly url: string;
  /** Credentials written into the address. */
  readonly credentials?: MlflowCredentials;
}

/** 127.0.0.1, ::1 and localhost are one host; the rest of 127/8 may be other machines' tunnels. */
function hostName(hostname: string): string {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isLoopback(bare) && (!bare.startsWith('127.') || bare === '127.0.0.1')
    ? 'localhost'
    : hostname;
}

/** Credentials in an address: none is null, unreadable ones undefined. */
function credentialsOf({ username, password }: URL): MlflowCredentials | null | undefined {
  if (username === '' && password === '') return null;
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    return undefined;
  }
}

/**
 * Reads the address of an MLflow server.
 * @returns undefined when the text is not an http(s) address of a server
 */
export function readAddress(text: string): ServerAddress | undefined {
  const parsed = URL.parse(text);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return undefined;
  const { protocol, hostname, port, pathname, search, hash } = parsed;
  const credentials = credentialsOf(parsed);
  if (search !== '' || hash !== '' || credentials === undefined) return undefined;
  const rest = (port === '' ? '' : `:${port}`) + pathname.replace(/\/+$/, '');
  return {
    name: `${protocol}//${hostName(hostname)}${rest}`,
    url: `${protocol}//${hostname}${rest}`,
    ...(credentials && { credentials }),
  };
}
