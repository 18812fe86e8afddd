import { inject } from 'vitest';

/**
 * OpenBLAS takes other kernels on processors with AVX-512, and scikit-learn then ends otherwise where
 * sums cancel or overflow: the reference is what it answers with those of every x86-64 since 2013.
 */
export const REFERENCE_ENVIRONMENT = {
  ...process.env,
  PYTHONIOENCODING: 'utf-8',
  OMP_NUM_THREADS: '1',
  OPENBLAS_CORETYPE: 'Haswell',
};

/** The Python that has scikit-learn: what global setup provides, else PYTHON, else python3. */
export function pythonExecutable(): string {
  const provided = inject('python') as string | undefined;
  return provided ?? process.env['PYTHON'] ?? 'python3';
}
