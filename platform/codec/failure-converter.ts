import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts the text of failures into a payload, where the codec encrypts it. Loaded by its path, into the
 * workflows’ bundle, too: imports nothing of Node’s.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
