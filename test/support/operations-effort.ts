/** How much of what takes long a test of operations does: 1 in `npm test`, more in `npm run prove`. */
export const operationsEffort = Number(process.env['OPERATIONS_EFFORT'] ?? 1);
