import type { Caller } from '../../schemas/caller.ts';

/** What Hono's context carries from the door to the routes. */
export interface DoorEnvironment {
  Variables: {
    /** Who was let in; undefined on a server that is open to all. */
    caller?: Caller;
  };
}
