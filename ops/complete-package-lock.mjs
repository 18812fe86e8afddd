// Adds to package-lock.json the optional packages of other platforms that npm left out because the registry
// in use did not carry them. Without them `npm ci` refuses the lock file, on every platform.
// Run it after a change of dependencies: node ops/complete-package-lock.mjs [package-lock.json]
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Where Node would find `name` from the package at `path`, as a key of the lock file. */
function resolveFrom(path, name) {
  for (let folder = path; ; folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const candidate = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (candidate in lock.packages) return candidate;
    if (folder === '') return undefined;
  }
}

/** The platform of a package, which native packages carry in their names. */
function platformOf(name) {
  const words = name.toLowerCase().split(/[/\-_.]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) =>
    words.some((word) => word === processor || (processor === 'arm' && /^arm(v7|hf)?$/.test(word))),
  );
  const libc = words.includes('musl') ? ['musl'] : os[0] === 'linux' ? ['glibc'] : [];
  return { os, cpu, libc };
}

const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (resolveFrom(path, name) !== undefined) continue;
    const { os, cpu, libc } = platformOf(name);
    const version = range.replace(/^[\^~]/, '');
    if (os.length === 0 || !/^\d+\.\d+\.\d+/.test(version)) {
      console.error(`${name}@${range}: its platform or version cannot be read from its name.`);
      process.exitCode = 1;
      continue;
    }
    const dev = entry.dev === true ? { dev: true } : {};
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu.length > 0 ? { cpu } : {}),
      ...dev,
      ...(libc.length > 0 ? { libc } : {}),
      optional: true,
      os,
    };
    added.push(name);
  }
}
const { '': project, ...packages } = lock.packages;
const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = { '': project, ...Object.fromEntries(sorted) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.error(`${added.length} packages added.`);
