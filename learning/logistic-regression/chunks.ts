/** Rows whose losses and gradients are summed together first. */
export const CHUNK_ROWS = 1024;
/** Enough for a balanced share on many cores, few enough for their gradients to stay small. */
const MOST_PARTS = 64;

export const chunkCount = (rows: number): number => Math.ceil(rows / CHUNK_ROWS);

/** Parts that the rows are cut into: by their number alone, so that sums never depend on threads. */
export const partCount = (rows: number): number => Math.min(chunkCount(rows), MOST_PARTS);
