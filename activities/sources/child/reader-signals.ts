/** How a reader process that outgrew its memory ends itself, so that its parent can tell. */
export const OVER_MEMORY = 'SIGUSR2';
