import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import type { Server, ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { createTrackingServersFrom } from '../../../platform/tracking/from-config.ts';
import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import type { MlflowClient } from '../../../platform/tracking/tracking-types.ts';
import { ConfigError, readConfig } from '../../../schemas/config.ts';
import type {} from '../../support/provided.ts';
import { useMlflow } from './server.ts';

const mlflow = useMlflow();
let folder: string;
const file = (name: string) => join(folder, name);

/** Two authorities, a server's certificate of the first, and a client's of each. */
const CERTIFICATES = `
import datetime, ipaddress, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
folder = sys.argv[1]
start = datetime.datetime(2020, 1, 1)
def make(name, issuer=None, authority=False):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = (x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
        .issuer_name(issuer[0].subject if issuer else subject).serial_number(x509.random_serial_number())
        .not_valid_before(start).not_valid_after(start + datetime.timedelta(days=36500))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True))
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    certificate = builder.sign(issuer[1] if issuer else key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = certificate.public_bytes(pem)
    open(f"{folder}/{name}.crt", "wb").write(public)
    open(f"{folder}/{name}.pem", "wb").write(secret + public)
    return certificate, key
ours = make("ours", authority=True)
theirs = make("theirs", authority=True)
make("server", ours)
make("client", ours)
make("stranger", theirs)
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
  await promisify(execFile)(inject('python'), ['-c', CERTIFICATES, folder]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

/** A proxy before the real MLflow that speaks TLS. */
async function tlsProxy(
  options: ServerOptions = {},
): Promise<{ url: string; sockets: () => number }> {
  const target = new URL(mlflow.url);
  const pem = await readFile(file('server.pem'));
  const server = createServer({ key: pem, cert: pem, ...options }, (incoming, outgoing) => {
    const headers = { ...incoming.headers, host: target.host };
    const { method, url: path } = incoming;
    const passed = httpRequest(
      { hostname: target.hostname, port: target.port, method, path, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  let sockets = 0;
  server.on('secureConnection', () => (sockets += 1));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  open.push(server);
  const { port } = server.address() as AddressInfo;
  return { url: `https://localhost:${port}`, sockets: () => sockets };
}

/** The client of a server process with these settings. */
function clientWith(settings: Record<string, string>): MlflowClient {
  return createTrackingServersFrom(readConfig(settings)).clientFor(undefined);
}

const certificateRefused = {
  code: 'MLFLOW_UNAVAILABLE',
  message: 'MLflow’s TLS certificate cannot be verified.',
  hint: expect.stringContaining('MLFLOW_TRACKING_SERVER_CERT_PATH') as string,
};

describe('an MLflow behind TLS', () => {
  it('with a certificate of our own authority is spoken with: JSON, bytes, files', async () => {
    const proxy = await tlsProxy();
    const client = clientWith({
      MLFLOW_TRACKING_URI: proxy.url,
      MLFLOW_TRACKING_SERVER_CERT_PATH: file('ours.crt'),
    });
    expect(await client.version()).toMatch(/^3\./);
    const experimentId = await client.ensureExperiment(`tls ü ${Date.now()}-${process.pid}`);
    const run = await client.createRun({ experimentId, runName: 'ü', startTime: 1, tags: {} });
    const { artifactUri } = run;
    const big = Buffer.alloc(3_000_000, 'model');
    await writeFile(file('big.bin'), big);
    await client.putArtifact({ artifactUri, path: 'big.bin', content: { file: file('big.bin') } });
    await client.putArtifact({ artifactUri, path: 'empty', content: new Uint8Array(0) });
    await client.putArtifact({ artifactUri, path: 'small', content: Buffer.from('ü') });
    const read = (path: string) => client.getArtifact({ artifactUri, path });
    expect((await read('big.bin')).equals(big)).toBe(true);
    expect((await read('empty')).length).toBe(0);
    expect((await read('small')).toString()).toBe('ü');
    await expect(
      client.getArtifact({ artifactUri, path: 'big.bin' }, { maxBytes: 1000 }),
    ).rejects.toMatchObject({ code: 'MLFLOW_REFUSED' });
    await client.deleteRun(run.runId);
    expect((await client.getRun(run.runId)).deleted).toBe(true);
    // One connection for all, and one for the answer that was not read to its end.
    expect(proxy.sockets()).toBeLessThanOrEqual(3);
  });

  it('is refused when nobody vouches for it, unless that does not matter', async () => {
    const { url } = await tlsProxy();
    await expect(clientWith({ MLFLOW_TRACKING_URI: url }).health()).rejects.toMatchObject(
      certificateRefused,
    );
    const theirs = { MLFLOW_TRACKING_SERVER_CERT_PATH: file('theirs.crt') };
    await expect(
      clientWith({ MLFLOW_TRACKING_URI: url, ...theirs }).health(),
    ).rejects.toMatchObject(certificateRefused);
    await clientWith({ MLFLOW_TRACKING_URI: url, MLFLOW_TRACKING_INSECURE_TLS: 'true' }).health();
  });

  it('that wants a client certificate gets it', async () => {
    const { url } = await tlsProxy({
      ca: await readFile(file('ours.crt')),
      ...{ requestCert: true, rejectUnauthorized: true },
    });
    const settings = {
      MLFLOW_TRACKING_URI: url,
      MLFLOW_TRACKING_SERVER_CERT_PATH: file('ours.crt'),
    };
    const path = 'MLFLOW_TRACKING_CLIENT_CERT_PATH';
    await clientWith({ ...settings, [path]: file('client.pem') }).health();
    const denied = {
      code: 'MLFLOW_DENIED',
      hint: expect.stringContaining(path) as string,
    };
    await expect(clientWith(settings).health()).rejects.toMatchObject(denied);
    await expect(
      clientWith({ ...settings, [path]: file('stranger.pem') }).health(),
      // This proxy hangs up without a word then; nginx sends a page, which answer-table.ts knows.
    ).rejects.toMatchObject({ code: 'MLFLOW_UNAVAILABLE' });
  });

  it('does not answer in time, or the caller gives up', async () => {
    const pem = await readFile(file('server.pem'));
    const silent = createServer({ key: pem, cert: pem }, (incoming, outgoing) => {
      // Half an answer, and no end.
      if (incoming.url === '/version') outgoing.writeHead(200).write('3');
    });
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    open.push(silent);
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const client = createMlflowClient({ url, tls: { insecure: true }, timeoutMs: 300 });
    const late = { code: 'MLFLOW_UNAVAILABLE', message: 'MLflow did not answer in time.' };
    await expect(client.version()).rejects.toMatchObject(late);
    await expect(client.ensureExperiment('e')).rejects.toMatchObject(late);
    const reason = new Error('given up');
    const signal = AbortSignal.abort(reason);
    await expect(client.version({ signal })).rejects.toBe(reason);
    const patient = createMlflowClient({ url, tls: { insecure: true } });
    const controller = new AbortController();
    const asked = patient.version({ signal: controller.signal });
    silent.once('request', () => controller.abort(reason));
    await expect(asked).rejects.toBe(reason);
  });

  it('is not where https:// is spoken to a plain port, and says so', async () => {
    const url = mlflow.url.replace('http:', 'https:');
    const wrong = {
      code: 'MLFLOW_REFUSED',
      message: 'MLflow’s address is https://, but no TLS is spoken there.',
    };
    await expect(createMlflowClient({ url }).health()).rejects.toMatchObject(wrong);
    const insecure = createMlflowClient({ url, tls: { insecure: true } });
    await expect(insecure.health()).rejects.toMatchObject(wrong);
  });

  it('without TLS is spoken with as ever, whatever the TLS settings', async () => {
    await createMlflowClient({ url: mlflow.url, tls: { insecure: true } }).health();
  });
});

describe('settings', () => {
  const uri = { MLFLOW_TRACKING_URI: 'https://mlflow.example' };

  it.each([
    ['MLFLOW_TRACKING_SERVER_CERT_PATH', 'none.crt'],
    ['MLFLOW_TRACKING_SERVER_CERT_PATH', 'garbage.pem'],
    ['MLFLOW_TRACKING_CLIENT_CERT_PATH', 'none.pem'],
    ['MLFLOW_TRACKING_CLIENT_CERT_PATH', 'garbage.pem'],
    ['MLFLOW_TRACKING_CLIENT_CERT_PATH', 'client.crt'],
  ])('%s must not be %s', async (setting, name) => {
    await writeFile(file('garbage.pem'), 'not a certificate');
    const make = () => clientWith({ ...uri, [setting]: file(name) });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(new RegExp(setting));
  });

  it('cannot both trust everybody and only some', () => {
    const both = {
      MLFLOW_TRACKING_INSECURE_TLS: 'true',
      MLFLOW_TRACKING_SERVER_CERT_PATH: file('ours.crt'),
    };
    expect(() => readConfig({ ...uri, ...both })).toThrow(
      /MLFLOW_TRACKING_SERVER_CERT_PATH .*MLFLOW_TRACKING_INSECURE_TLS/,
    );
  });
});
