import { stringify } from 'yaml';

import { textFile, type DirectoryFile } from './directory-file.ts';

/** Versions of what the model was proven to run with. */
export interface LibraryVersions {
  readonly python: string;
  readonly mlflow: string;
  readonly onnx: string;
  readonly onnxruntime: string;
  /** Tools that build an environment; left unpinned where the version is unknown. */
  readonly pip?: string;
  readonly setuptools?: string;
}

/** The files from which MLflow rebuilds an environment for a model: with pip, conda or virtualenv. */
export function environmentFiles(versions: LibraryVersions): DirectoryFile[] {
  const { python, mlflow, onnx, onnxruntime, pip, setuptools } = versions;
  const requirements = [`mlflow==${mlflow}`, `onnx==${onnx}`, `onnxruntime==${onnxruntime}`];
  const conda = {
    channels: ['conda-forge'],
    dependencies: [
      `python=${python}`,
      pip === undefined ? 'pip' : `pip<=${pip}`,
      { pip: requirements },
    ],
    name: 'mlflow-env',
  };
  const pythonEnv = {
    python,
    build_dependencies: [pinned('pip', pip), pinned('setuptools', setuptools), 'wheel'],
    dependencies: ['-r requirements.txt'],
  };
  return [
    textFile('conda.yaml', toYaml(conda)),
    textFile('python_env.yaml', toYaml(pythonEnv)),
    textFile('requirements.txt', requirements.join('\n')),
  ];
}

function pinned(name: string, version: string | undefined): string {
  return version === undefined ? name : `${name}==${version}`;
}

/** As PyYAML reads it: it knows YAML 1.1 only, where 3.10 is a number. */
function toYaml(value: object): string {
  return stringify(value, { version: '1.1', lineWidth: 0, indentSeq: false });
}
