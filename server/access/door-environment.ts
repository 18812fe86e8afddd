import type { Caller } from '../../schemas/caller.ts';
import type { FailureCode } from '../../schemas/failure.ts';

/** What Hono's context carries from the door to the routes. */
export interface DoorEnvironment {
  Variables: {
    /** Of this request, in answers and logs. */
    requestId: string;
    /** Who was let in; undefined on a server that is open to all. */
    caller?: Caller;
    /** Why a door has refused the request. */
    refused?: FailureCode;
  };
}
