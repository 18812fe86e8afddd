// node ops/package/manifest.mjs slim|restore: package.json as the registry gets it, for as long as npm packs.
// A package that named its dependencies would have npm install them where it likes, and on many machines fail: the launcher
// installs them instead, by the lock file, from the manifest in dist/.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const MANIFEST = pathOf('../../package.json');
const DIST = pathOf('../../dist');

if (process.argv[2] === 'slim') {
  const whole = JSON.parse(readFileSync(MANIFEST, 'utf8'));
  const { name, version, description, license, type, engines, files } = whole;
  const bin = { [name]: `dist/${whole.bin[name]}` };
  const slim = { name, version, description, license, type, bin, engines, files };
  writeFileSync(MANIFEST, `${JSON.stringify(slim, undefined, 2)}\n`);
} else {
  writeFileSync(MANIFEST, readFileSync(`${DIST}/package.json`));
  rmSync(DIST, { recursive: true });
}
