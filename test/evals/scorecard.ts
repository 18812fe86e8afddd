import type { Bill } from './agent.ts';

export interface Score extends Bill {
  readonly task: string;
  /** MLflow runs that it made. */
  readonly runs: number;
}

const COLUMNS = ['calls', 'text', 'structured', 'largest', 'runs'] as const;

/** What each task cost; tokens are OpenAI's, of the answers only. */
export function scorecard(scores: readonly Score[]): string {
  const width = Math.max(...scores.map(({ task }) => task.length));
  const line = (task: string, cells: readonly (string | number)[]): string =>
    [task.padEnd(width), ...cells.map((cell) => String(cell).padStart(10))].join(' ');
  return [
    '',
    line('task', ['tool calls', 'tokens of', 'of struct.', 'largest', 'runs']),
    line('', ['', 'texts', 'content', 'answer', 'created']),
    ...scores.map((score) =>
      line(
        score.task,
        COLUMNS.map((column) => score[column]),
      ),
    ),
    '',
  ].join('\n');
}
