import { stringify } from 'yaml';

import type { ModelColumn } from '../../learning/onnx/class-labels.ts';
import { classOfOutput, type OnnxModel } from '../../learning/onnx/onnx-model.ts';
import { asciiJson } from './ascii-json.ts';
import { textFile, type DirectoryFile } from './directory-file.ts';
import type { LibraryVersions } from './environment-files.ts';
import { EXAMPLE_FILE, SERVING_EXAMPLE_FILE } from './input-example.ts';

/** What distinguishes this model from others; all of it comes from outside, so files repeat. */
export interface ModelIdentity {
  readonly runId: string;
  /** Where the directory lies among the run's artifacts, or the LoggedModel's artifact URI. */
  readonly artifactPath: string;
  readonly modelUuid: string;
  /** Id of MLflow's LoggedModel, null without one. */
  readonly modelId: string | null;
  readonly utcTimeCreated: Date;
}

export interface MlmodelRequest {
  readonly model: OnnxModel;
  readonly identity: ModelIdentity;
  readonly versions: LibraryVersions;
  /** Bytes of the model and its examples, which MLflow shows as the model's size. */
  readonly sizeBytes: number;
  /** Said beside the classes, under `metadata`. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

export const MODEL_FILE = 'model.onnx';

/** The MLmodel file as `mlflow.onnx.save_model` writes it, for the CPU provider. */
export function mlmodelFile(request: MlmodelRequest): DirectoryFile {
  const { model, identity, versions } = request;
  const description = {
    artifact_path: identity.artifactPath,
    flavors: {
      onnx: {
        code: null,
        data: MODEL_FILE,
        onnx_session_options: null,
        onnx_version: versions.onnx,
        providers: ['CPUExecutionProvider'],
      },
      python_function: {
        data: MODEL_FILE,
        env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
        loader_module: 'mlflow.onnx',
        python_version: versions.python,
      },
    },
    is_signature_from_type_hint: false,
    metadata: { ...request.metadata, classes: classOfOutput(model) },
    mlflow_version: versions.mlflow,
    model_id: identity.modelId,
    model_size_bytes: request.sizeBytes,
    model_uuid: identity.modelUuid,
    prompts: null,
    run_id: identity.runId,
    saved_input_example_info: {
      artifact_path: EXAMPLE_FILE,
      pandas_orient: 'split',
      serving_input_path: SERVING_EXAMPLE_FILE,
      type: 'dataframe',
    },
    signature: {
      inputs: schemaOf(model.inputs),
      outputs: schemaOf(model.outputs),
      params: null,
    },
    type_hint_from_example: false,
    utc_time_created: pythonTime(identity.utcTimeCreated),
  };
  return textFile('MLmodel', toQuotedYaml(description));
}

function schemaOf(columns: readonly ModelColumn[]): string {
  const specs = columns.map(({ name, type }) => {
    return `{"type": "${type}", "name": ${asciiJson(name)}, "required": true}`;
  });
  return `[${specs.join(', ')}]`;
}

/** As Python prints a datetime in UTC, in microseconds. */
function pythonTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '000');
}

/**
 * Every string in double quotes: PyYAML, which reads YAML 1.1, would take a class "no" for false
 * and reject others. ASCII only, as readers use their machine's encoding.
 */
function toQuotedYaml(value: object): string {
  const yaml = stringify(value, {
    version: '1.1',
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
    indentSeq: false,
  });
  return yaml.replace(/[^\n\x20-\x7e]/gu, (character) => {
    const point = character.codePointAt(0) as number;
    return `\\U${point.toString(16).padStart(8, '0')}`;
  });
}
