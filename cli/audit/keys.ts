import { publishKeys } from '../../platform/audit/publish-checkpoint.ts';
import { SERVICE_CHAIN } from '../../schemas/audit-event.ts';
import {
  loadSigningKeys,
  publicKeyOf,
  rotateSigningKey,
  type KeyStatement,
} from '../../platform/audit/signing-keys.ts';
import { configOrExit } from '../environment.ts';
import { auditOrFail, operator } from './record-command.ts';

const USAGE = `Usage: durable-experiments audit keys [show | rotate]

show    prints the public keys as PEM, the one that signs last: what an auditor is handed
rotate  adds a key that signs from now on, vouched for by the one before it; start servers and workers again`;

/** durable-experiments audit keys. */
export async function run([command = 'show', ...rest]: readonly string[]): Promise<number> {
  if (rest.length > 0 || (command !== 'show' && command !== 'rotate')) {
    console.error(USAGE);
    return 2;
  }
  const config = configOrExit();
  if (command === 'rotate') await rotate();
  const { statements } = await loadSigningKeys(config.auditKeysFile);
  for (const statement of statements)
    console.log(shown(statement, statement === statements.at(-1)));
  return 0;

  async function rotate(): Promise<void> {
    // Opened first, under the key that still signs.
    const audit = await auditOrFail(config);
    try {
      await audit.log.ready();
      const before = audit.keys.keyId;
      const keys = await rotateSigningKey(config.auditKeysFile, new Date());
      const fields = { ...operator(), 'key.id': keys.keyId, 'key.previous_id': before };
      await audit.log.record({ name: 'audit.key_rotated', chain: SERVICE_CHAIN, fields });
      await publishKeys({ keys, store: audit.store });
    } finally {
      await audit.close();
    }
    console.error('Start servers and workers again: until then they sign with the key before.');
  }
}

function shown(statement: KeyStatement, signs: boolean): string {
  const about = `${statement.key_id}, made ${statement.created}${signs ? ', signs' : ''}`;
  return `# ${about}\n${publicKeyOf(statement).export({ format: 'pem', type: 'spki' }).toString().trim()}`;
}
