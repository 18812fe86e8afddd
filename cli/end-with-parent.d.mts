/** Set by the launcher for the process that it starts. */
export const LAUNCHED: string;

/** Below npm or the launcher: asks this process to stop when the one that started it is gone. */
export function endWithParent(env: Readonly<Record<string, string | undefined>>): void;
