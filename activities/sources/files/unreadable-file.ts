import { Failure } from '../../../schemas/failure.ts';

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

export function unreadable(message: string, hint: string): Failure {
  return new Failure('FILE_UNREADABLE', message, hint);
}
