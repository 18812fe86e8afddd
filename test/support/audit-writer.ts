// Records events in an audit log until there are enough, and says each number once it is recorded.
//   node audit-writer.ts <path or postgresql:// address> <name> <first> <last>
import { createAuditLog } from '../../platform/audit/audit-log.ts';
import { openAuditDatabase } from '../../platform/audit/database/open-database.ts';

/** Calls of a server that are going on at once. */
const AT_ONCE = 4;

const [place = '', name = '', first, last] = process.argv.slice(2);
const log = createAuditLog({
  database: openAuditDatabase(place.startsWith('postgres') ? { url: place } : { path: place }),
  recorder: { role: 'server', version: '1', instance: name },
  patienceMs: 20_000,
});
let next = Number(first);
await Promise.all(Array.from({ length: AT_ONCE }, write));
await log.close();

async function write(): Promise<void> {
  while (next <= Number(last)) {
    const number = next++;
    const chain = number % 3 === 0 ? 'acme' : 'default';
    await log.record({
      ...{ name: 'access.refused', chain, id: `${name}/${number}` },
      fields: {
        ...{ 'error.type': 'UNAUTHENTICATED', count: number, addresses: 1 },
        since: '2026-01-01T00:00:00.000Z',
      },
    });
    process.stdout.write(`${number}\n`);
  }
}
