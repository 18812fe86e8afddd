import {
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Parameters<Interceptor>[1]>;

/** gRPC: CANCELLED, which is never retried. */
const CANCELLED = 1;

/**
 * The SDK's own retries, until the connection is closed: one that is due after that would meet a channel
 * that is shut down, an error in a timer that nobody can catch.
 */
export function retriesUntilClosed(): {
  readonly interceptors: Interceptor[];
  readonly close: () => void;
} {
  let closed = false;
  const retried = makeGrpcRetryInterceptor(defaultGrpcRetryOptions());
  const interceptor: Interceptor = (options, nextCall) =>
    retried(options, (next) => (closed ? cancelledCall() : nextCall(next)));
  return { interceptors: [interceptor], close: () => void (closed = true) };
}

/** A call that ends as soon as it is started. */
function cancelledCall(): Call {
  const nothing = (): void => undefined;
  const call = {
    start(metadata: object, listener?: { onReceiveStatus?: (status: object) => void }) {
      listener?.onReceiveStatus?.({
        code: CANCELLED,
        details: 'The connection is closed.',
        metadata,
      });
    },
    ...{ sendMessage: nothing, halfClose: nothing, startRead: nothing, cancelWithStatus: nothing },
    ...{ sendMessageWithContext: nothing, getPeer: () => '', getAuthContext: () => null },
  };
  return call;
}
