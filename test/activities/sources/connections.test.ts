import { writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { loadConnections } from '../../../activities/sources/connections.ts';
import { allowedAddress } from '../../../activities/sources/sql/host-policy.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = await temporaryFolder();
const server = { kind: 'mysql', host: 'db', database: 'd', user: 'u' };

async function configured(entries: object, environment = {}) {
  const path = join(folder, 'connections.json');
  await writeFile(path, JSON.stringify(entries));
  return loadConnections(path, environment);
}

describe('values of named connections', () => {
  it('come from the entry, the environment or files, each time anew', async () => {
    const file = join(folder, 'url');
    const environment: Record<string, string> = { DB_HOST: 'from-env', DB_PORT: '3310' };
    const connections = await configured(
      {
        byFile: { urlFile: file },
        byEnv: {
          ...{ kind: 'mysql', hostEnv: 'DB_HOST', portEnv: 'DB_PORT', database: 'd', user: 'u' },
          ...{ passwordFile: file, tls: 'verify-full', caFile: file },
        },
      },
      environment,
    );
    await writeFile(file, 'postgresql://u:one@db/d\n');
    expect(await connections.open('byFile')).toMatchObject({ kind: 'postgresql', password: 'one' });
    await writeFile(file, 'postgresql://u:two@db/d\n');
    environment['DB_HOST'] = 'other';
    expect(await connections.open('byFile')).toMatchObject({ password: 'two' });
    expect(await connections.open('byEnv')).toEqual({
      ...{ kind: 'mysql', host: 'other', port: 3310, database: 'd', user: 'u', tls: 'verify-full' },
      ...{ password: 'postgresql://u:two@db/d', certificateAuthority: 'postgresql://u:two@db/d' },
    });
  });

  it.each([
    ['a value in two places', { ...server, password: 'secret-value', passwordEnv: 'X' }],
    ['a value that its kind does not have', { kind: 'sqlite', path: 'x.db', host: 'secret-value' }],
    ['a missing value', { kind: 'postgresql', host: 'secret-value', user: 'u' }],
    ['an unknown place', { ...server, passwordFrom: 'secret-value' }],
    ['a tenant that is none', { ...server, tenants: ['secret-value/../x'] }],
    ['no tables', { ...server, tables: [] }],
  ])('make the start fail for %s', async (_, entry) => {
    const error = await configured({ wrong: entry }).catch((failed: unknown) => failed);
    expect(error).toMatchObject({ code: 'SETUP_FAILED' });
    expect((error as Error).message).toContain('wrong');
    expect((error as Error).message).not.toContain('secret-value');
  });

  it('make a run fail where one is missing or makes no sense, without showing it', async () => {
    const connections = await configured(
      {
        unset: { urlEnv: 'NOT_SET' },
        absent: { urlFile: join(folder, 'absent') },
        nonsense: { urlEnv: 'SECRET' },
        port: { ...server, portEnv: 'SECRET' },
      },
      { SECRET: 'secret-value' },
    );
    for (const name of ['unset', 'absent', 'nonsense', 'port']) {
      const error = (await connections.open(name).catch((failed: unknown) => failed)) as Error;
      expect(error).toMatchObject({ code: 'SETUP_FAILED' });
      expect(error.message).not.toContain('secret-value');
    }
  });
});

describe('tenants of named connections', () => {
  it('see their own and those of all; another’s is answered like one that is not there', async () => {
    const connections = await configured({
      common: server,
      sales_acme: { ...server, tenants: ['acme'] },
      sales_zeta: { ...server, tenants: ['zeta', 'acme'] },
      nobody: { ...server, tenants: [] },
    });
    const asked = (name: string, tenant?: string) =>
      connections.open(name, tenant).then(
        () => 'open',
        ({ code, message, hint }: { code: string; message: string; hint: string }) =>
          JSON.stringify([code, message, hint]).replaceAll(name, 'NAME'),
      );
    expect(await asked('common')).toBe('open');
    expect(await asked('common', 'zeta')).toBe('open');
    expect(await asked('sales_acme', 'acme')).toBe('open');
    expect(await asked('sales_zeta', 'zeta')).toBe('open');
    const unknown = await asked('never_was', 'other');
    for (const name of ['sales_acme', 'sales_zeta', 'nobody']) {
      expect(await asked(name, 'other')).toBe(unknown);
      expect(await asked(name)).toBe(unknown);
    }
    // Suggestions are one's own.
    expect(await asked('sales_acmee', 'acme')).toContain('“sales_acme”');
    expect(await asked('sales_acmee', 'zeta')).not.toContain('sales_acme');
    expect(await asked('sales_acme', 'other')).not.toContain('sales_');
  });
});

/** Addresses that others reach this machine by. */
const interfaces = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .map(({ address }) => address);

describe('hosts that callers name', () => {
  const at = (...addresses: string[]) => ({
    loopbackAllowed: false,
    resolve: () => Promise.resolve(addresses.map((address) => ({ address }))),
  });

  it('are looked up once, and what was checked is what is used', async () => {
    let lookups = 0;
    const resolve = () =>
      Promise.resolve([{ address: lookups++ === 0 ? '10.0.0.7' : '127.0.0.1' }]);
    expect(await allowedAddress('rebinding.example', { loopbackAllowed: false, resolve })).toBe(
      '10.0.0.7',
    );
    expect(lookups).toBe(1);
  });

  it.each(interfaces)('may not be %s, which is this machine’s own', async (address) => {
    await expect(allowedAddress('database.example', at(address))).rejects.toMatchObject({
      code: 'HOST_NOT_ALLOWED',
    });
  });

  it.each([
    ['127.0.0.1'],
    ['10.0.0.7', '127.0.0.1'],
    ['0.0.0.0'],
    ['::'],
    ['::1'],
    ['::127.0.0.1'],
    ['::ffff:127.0.0.1'],
    ['::ffff:0:127.0.0.1'],
    ['64:ff9b::169.254.169.254'],
    ['64:ff9b:1::7f00:1'],
    ['2002:7f00:1::'],
    ['2002:a9fe:a9fe::'],
    ['64:ff9b::127.0.0.1'],
    ['::ffff:0:169.254.169.254'],
    ['fec0::1'],
    ['ff02::1'],
    ['2001::1'],
    ['fe80::1'],
    ['169.254.169.254'],
    ['100.100.100.200'],
    ['168.63.129.16'],
    ['192.0.0.192'],
    ['fd00:ec2::254'],
    ['fd20:ce::254'],
    ['224.0.0.1'],
    ['255.255.255.255'],
  ])('never lead to %s', async (...addresses) => {
    await expect(allowedAddress('db.example', at(...addresses))).rejects.toMatchObject({
      code: 'HOST_NOT_ALLOWED',
    });
  });

  it.each([
    '10.1.2.3',
    '172.16.0.9',
    '192.168.1.1',
    '100.64.0.1',
    '8.8.8.8',
    'fd12::1',
    '2001:db8::1',
  ])('may lead to %s', async (address) =>
    expect(await allowedAddress('db.example', at(address))).toBe(address),
  );

  it('may lead anywhere when the operator lists them, by name or by address', async () => {
    const listed = { ...at('127.0.0.1'), allowedHosts: ['DB.example', '169.254.7.7'] };
    expect(await allowedAddress('db.example.', listed)).toBe('127.0.0.1');
    expect(await allowedAddress('x', { ...listed, ...at('169.254.7.7') })).toBe('169.254.7.7');
    await expect(allowedAddress('other.example', listed)).rejects.toThrow();
    await expect(
      allowedAddress('x', { ...listed, ...at('169.254.7.7', '127.0.0.1') }),
    ).rejects.toThrow();
  });
});
