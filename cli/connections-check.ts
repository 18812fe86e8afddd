// npm run connections:check [-- name …]: what the roles of CONNECTIONS_FILE could do beyond reading, and the SQL that
// narrows them. Ends with 0 when all is fine, 1 when there are findings, 2 when something can't be reached.
import { checkConnection, type ConnectionReport } from '../activities/sources/check-connection.ts';
import { loadConnections } from '../activities/sources/connections.ts';
import { Failure } from '../schemas/failure.ts';
import { configOrExit } from './environment.ts';
import { exitWith } from './exit.ts';

const [FINE, FINDINGS, UNREACHABLE] = [0, 1, 2];

const config = configOrExit();
const { all } = await loadConnections(config.CONNECTIONS_FILE, process.env).catch(exitWith);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.some((connection) => connection.name === name));
const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
for (const name of unknown) console.log(`${name}: CONNECTIONS_FILE has no such connection.`);
if (all.length === 0) console.log('CONNECTIONS_FILE names no connections.');

let code = unknown.length > 0 ? UNREACHABLE : FINE;
for (const connection of chosen) {
  try {
    const report = await checkConnection(connection, {
      dataRoots: config.DATA_ROOTS,
      timeoutSeconds: config.QUERY_TIMEOUT_SECONDS,
      signal: AbortSignal.timeout(60_000),
    });
    show(connection.name, report);
    if (report.findings.length > 0) code = Math.max(code, FINDINGS);
  } catch (error) {
    // What a driver says may hold a password.
    const words = error instanceof Failure ? `${error.message} ${error.hint}` : 'It can’t be read.';
    console.log(`${connection.name}: ${words}`);
    code = UNREACHABLE;
  }
}
process.exit(code);

function show(name: string, { display, newRole, findings }: ConnectionReport): void {
  if (findings.length === 0) {
    console.log(`${name} (${display}) can only read.`);
    return;
  }
  console.log(`${name} (${display})`);
  for (const { says, sql, advice } of findings) {
    console.log(`\n  -- This connection ${says}.`);
    for (const statement of sql) console.log(`  ${statement}`);
    if (advice !== undefined) console.log(`  -- ${advice}`);
  }
  if (newRole !== undefined) console.log(`\n  -- Then let the connection use ${newRole}.`);
  console.log('');
}
