// npm run audit: fails on a known vulnerability, high or worse, in what the product runs on. Asks the
// registry in use; one that keeps no advisories can't tell, which is said and no failure.
import { spawnSync } from 'node:child_process';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const { stdout } = spawnSync(npm, ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
const report = readReport(stdout);
if (!report?.vulnerabilities) {
  console.log('Dependencies not audited: the registry in use keeps no advisories.');
  process.exit(0);
}
const found = Object.values(report.vulnerabilities).filter(({ severity }) =>
  ['high', 'critical'].includes(severity),
);
for (const { name, severity, range, via } of found) {
  const why = via.map((cause) => (typeof cause === 'string' ? `by ${cause}` : cause.title));
  console.error(`${severity}: ${name} ${range}: ${why.join('; ')}`);
}
console.log(`Dependencies audited: ${found.length} high or critical.`);
process.exitCode = found.length > 0 ? 1 : 0;

function readReport(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
