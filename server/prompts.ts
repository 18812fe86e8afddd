import { ProtocolError, ProtocolErrorCode, type Server } from '@modelcontextprotocol/server';

interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly argument: {
    readonly name: string;
    readonly description: string;
    readonly required: boolean;
  };
  /** What the model is told. */
  readonly text: (value: string) => string;
}

const PROMPTS: readonly Prompt[] = [
  {
    name: 'first_experiment',
    title: 'A first experiment',
    description: 'Walks through one experiment, from a look at the data to the report.',
    argument: {
      name: 'data',
      description: 'The file, query or texts to learn from, and what to predict.',
      required: false,
    },
    text: (data) =>
      `Run a first experiment${data === '' ? ' on the demo data (file train.csv, target label)' : ` on: ${data}`}.

1. Call mlflow_validate_source. If it names problems, mend what you can (a misspelt column, other features) and tell me of the rest.
2. Tell me in one sentence what would be run, then call mlflow_run_experiment with an idempotency_key of your choice. If the call is cut off, send it again with the same key: it finds the same run.
3. While the status is RUNNING, call mlflow_get_run with wait_seconds 45 and the cursor of the last answer, not more often.
4. Read the resource run://{run_id}/report, and tell me the metrics, what they are worth against the baseline, and every warning.
5. Propose one change (params, features) that may help, and after I agree compare both runs with mlflow_compare_runs.`,
  },
  {
    name: 'diagnose_run',
    title: 'Diagnose a failed run',
    description: 'Finds out why a run failed or waits, and what to do about it.',
    argument: { name: 'run_id', description: 'run_id or workflow_id of the run.', required: true },
    text: (runId) =>
      `Find out what is wrong with run ${runId}.

1. Call mlflow_get_run with detail full. Look at failure (code, message, hint), at the first step that is not COMPLETED, its attempts and waiting_since, and at notes.
2. A step that is WAITING goes on by itself when its neighbour (MLflow, the database, disk space) is back: say which one, since when, and what the hint advises. Do not start the run again.
3. For a run that FAILED over its data, call mlflow_validate_source with the same source: it names all the problems, not only the first.
4. When the cause is mended outside, call mlflow_retry_run from the failed step with a reason; when the request itself was wrong, start a new run with the corrected arguments and another idempotency_key.
5. Tell me the cause in one sentence, what you did, and how it ended.`,
  },
];

export function servePrompts(server: Server): void {
  server.registerCapabilities({ prompts: {} });
  server.setRequestHandler('prompts/list', () => ({
    prompts: PROMPTS.map(({ name, title, description, argument }) => ({
      ...{ name, title, description },
      arguments: [argument],
    })),
  }));
  server.setRequestHandler('prompts/get', ({ params }) => {
    const prompt = PROMPTS.find(({ name }) => name === params.name);
    const value = prompt && params.arguments?.[prompt.argument.name];
    if (!prompt) throw invalid(`There is no prompt ${params.name}.`);
    if (prompt.argument.required && (value ?? '') === '') {
      throw invalid(`The prompt ${prompt.name} needs ${prompt.argument.name}.`);
    }
    const text = prompt.text(value ?? '');
    return {
      description: prompt.description,
      messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
    };
  });
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}
