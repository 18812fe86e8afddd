import { parseArgs } from 'node:util';

/** What a person asks of an orchestrator, and of whom. */
export interface Command {
  readonly question: string;
  /** Where our server listens. */
  readonly server: string;
  /** What our server asks callers for, when it asks at all: the key of EXPERIMENTS_API_KEY. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly model: string;
  /** How many times the model may be asked before the orchestrator gives up. */
  readonly rounds: number;
  /** How much the model thinks, in its API’s own words; undefined: as the model does by itself. */
  readonly effort: string | undefined;
}

/** What the model is told before the question. */
export const INSTRUCTIONS =
  'You answer questions by running machine-learning experiments with the tools. ' +
  'When a tool fails, do as its hint says and call it again. ' +
  'Give every experiment an idempotency_key, so that a repeated call finds the same run. ' +
  'Follow a run that is RUNNING to its end; then answer with its run_id and metrics.';

/** Answers the question on the command line: exit code 1 when that fails, 2 when the command is wrong. */
export async function runCommand(
  defaultModel: string,
  answer: (command: Command) => Promise<string>,
): Promise<void> {
  const command = readCommand(defaultModel);
  if (command === undefined) {
    console.error(
      'Usage: node <this file> [--server http://127.0.0.1:8000] ' +
        `[--model ${defaultModel}] [--effort low] [--rounds 20] "question"`,
    );
    process.exitCode = 2;
    return;
  }
  try {
    console.log(await answer(command));
  } catch (error) {
    console.error(messages(error).join('\n  '));
    process.exitCode = 1;
  }
}

function readCommand(defaultModel: string): Command | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        server: { type: 'string', default: 'http://127.0.0.1:8000' },
        model: { type: 'string', default: defaultModel },
        rounds: { type: 'string', default: '20' },
        effort: { type: 'string' },
      },
    });
    const [question = '', ...more] = positionals;
    const rounds = Number(values.rounds);
    const valid =
      question !== '' && more.length === 0 && rounds >= 1 && URL.canParse(values.server);
    if (!valid) return undefined;
    const { model, effort, server } = values;
    const credentials = readCredentials();
    return { question, rounds, model, effort, server: new URL(server).origin, credentials };
  } catch {
    return undefined;
  }
}

function readCredentials(): Record<string, string> {
  // eslint-disable-next-line n/no-process-env -- where the providers’ packages look for their keys, too
  const { EXPERIMENTS_API_KEY: key = '' } = process.env;
  return key === '' ? {} : { authorization: `Bearer ${key}` };
}

/** Shows a call and what came of it to the person who waits. */
export function showCall(name: string, args: string, result: string): void {
  const short = (text: string) => (text.length > 300 ? `${text.slice(0, 300)} …` : text);
  console.error(`→ ${name} ${short(args)}\n← ${short(result)}`);
}

/** Before the first question: nobody, or somebody else, listens at the server’s address. */
export function noServer(server: string, cause: unknown): Error {
  return new Error(
    `There is no experiment server at ${server}. Start it with “npm start”, or name another with --server.`,
    { cause },
  );
}

/** The same: the server is there, and wants to know who calls. */
export function notLetIn(server: string, cause?: unknown): Error {
  return new Error(
    `The experiment server at ${server} asks for a key: set EXPERIMENTS_API_KEY to one that “npm run keys” made there.`,
    { cause },
  );
}

/** What ends a conversation that does not end by itself. */
export function tooManyRounds(rounds: number): Error {
  return new Error(
    `The model still called tools after ${rounds} rounds. Experiments that it has started go on: ` +
      'mlflow_list_runs and the MLflow UI show them. Ask again with more --rounds or a narrower question.',
  );
}

function messages(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...messages(error.cause)] : [];
}
