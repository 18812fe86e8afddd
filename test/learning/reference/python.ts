import { inject } from 'vitest';

/** The Python that has scikit-learn: what global setup provides, else PYTHON, else python3. */
export function pythonExecutable(): string {
  const provided = inject('python') as string | undefined;
  return provided ?? process.env['PYTHON'] ?? 'python3';
}
