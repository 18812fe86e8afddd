/** How much harder than in `npm test` the attacks try; more in `npm run prove`. */
export const attackEffort = Number(process.env['ATTACK_EFFORT'] ?? 1);
