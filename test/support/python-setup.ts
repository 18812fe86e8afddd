import type { TestProject } from 'vitest/node';

import './provided.ts';
import { testPython } from './test-environment.ts';

export default async function setup({ provide }: TestProject): Promise<void> {
  provide('python', (await testPython()).python);
}
