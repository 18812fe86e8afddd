/** How many times as often as in `npm test` the audit log is attacked; more in `npm run prove`. */
export const auditEffort = Number(process.env['AUDIT_EFFORT'] ?? 1);
