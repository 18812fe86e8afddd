import { randomUUID } from 'node:crypto';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { auditCommand } from '../support/audit-command.ts';
import { createDraws, type Draws } from './draws.ts';
import { ended, startOne, type Started } from './experiments.ts';
import type { Installation } from './installation.ts';
import { checkInvariants, type Calm } from './invariants.ts';
import { filesWith } from './files.ts';
import { runFacts } from './mlflow-facts.ts';
import { CANARY, KINDS } from './requests.ts';
import type { Stage } from './stage.ts';
import { Violation } from './violation.ts';

/** What a scenario works with in one round. */
export interface Round {
  readonly stage: Stage;
  readonly draws: Draws;
  /** The MLflow experiment of this round. */
  readonly name: string;
  /** Undisturbed runs to compare with. */
  readonly calm: Calm;
  /** For what is worth knowing of a round. */
  readonly say: (remark: string) => void;
}

/** A way to break things. */
export interface Scenario {
  readonly name: string;
  /** Rounds, each with a seed of its own: in `npm test`, and by default in `npm run prove`. */
  readonly rounds: { readonly test: number; readonly prove: number };
  /** Breaks something while experiments go on; whole again when it returns them. */
  play(round: Round): Promise<readonly Started[]>;
}

/** Runs one experiment of each kind while nothing is broken. */
export async function playCalm(stage: Installation): Promise<Calm> {
  const kinds = [...KINDS, 'big'] as const;
  const facts = await Promise.all(
    kinds.map(async (kind) => {
      const view = await ended(stage, await startOne(stage, 'calm', kind));
      if (view.status !== 'FINISHED') throw new Error(`calm ${kind}: ${JSON.stringify(view)}`);
      return [kind, await runFacts(stage, view.run_id)] as const;
    }),
  );
  return new Map(facts);
}

/** One round of a scenario, held against what must always be true. @throws Violation */
export async function playRound(
  stage: Stage,
  calm: Calm,
  scenario: Scenario,
  seed: number,
  say: (remark: string) => void = () => undefined,
): Promise<void> {
  const name = `${scenario.name}-${seed}-${randomUUID().slice(0, 8)}`;
  try {
    const started = await scenario.play({ stage, calm, name, say, draws: createDraws(seed) });
    await checkInvariants(stage, calm, started);
  } finally {
    await stage.proxy.setMode('ok');
  }
}

/** The password that runs were given is nowhere in databases, blobs, artifacts and logs. @throws Violation */
export async function checkSecrets(stage: Stage): Promise<void> {
  const found = await filesWith(stage.stateDir, CANARY);
  if (stage.said().includes(CANARY)) found.push('the log');
  if (found.length > 0) throw new Violation(`the password stands in ${found.join(', ')}`);
}

/** After all that was broken, the audit log is one that nobody touched. @throws Violation */
export async function checkAuditLog({ settings }: Pick<Installation, 'settings'>): Promise<void> {
  const { said: key } = await auditCommand(settings, 'keys');
  await using folder = await mkdtempDisposable(join(tmpdir(), 'audit-key-'));
  const pem = join(folder.path, 'key.pem');
  await writeFile(pem, key);
  const verify = () => auditCommand(settings, 'verify', '--key', pem);
  // Whoever records in the log signs at its end what is new: killed processes may not have come to that.
  await verify();
  const { code, said } = await verify();
  if (code !== 0) throw new Violation(`the audit log does not verify: ${said}`);
}
