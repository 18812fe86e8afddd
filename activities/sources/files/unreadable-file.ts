import { Failure } from '../../../schemas/failure.ts';
import { pathTooLong } from './path-rules.ts';

/** The failure for a folder, a device, a FIFO, a socket. */
export function notRegular(): Failure {
  return unreadable(
    'The path does not name a regular file.',
    'Name a file, not a folder or device.',
  );
}

export function mayNotRead(): Failure {
  return unreadable('The worker may not read the file.', 'Give its user the right to read it.');
}

/** What the system says when a path is looked up or opened: undefined when nothing is there. @throws Failure */
export function nothingThere(code: string | undefined): undefined {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ELOOP':
      return undefined;
    case 'ENAMETOOLONG':
      throw pathTooLong();
    case 'EACCES':
    case 'EPERM':
      throw mayNotRead();
    default:
      throw notRegular();
  }
}

export function unreadable(message: string, hint: string): Failure {
  return new Failure('FILE_UNREADABLE', message, hint);
}
