import type { OnnxModel } from '../../learning/onnx/onnx-model.ts';
import type { DirectoryFile } from './directory-file.ts';
import { environmentFiles, type LibraryVersions } from './environment-files.ts';
import { exampleFiles, type ExampleRow } from './input-example.ts';
import { MODEL_FILE, mlmodelFile, type MlmodelRequest, type ModelIdentity } from './mlmodel.ts';

export interface ModelDirectoryRequest {
  readonly model: OnnxModel;
  /** A few rows that the model can predict. */
  readonly example: readonly ExampleRow[];
  readonly versions: LibraryVersions;
  readonly identity: ModelIdentity;
  readonly metadata?: NonNullable<MlmodelRequest['metadata']>;
}

/**
 * The files of an MLflow model (flavours onnx and python_function) that `mlflow.pyfunc.load_model`,
 * `mlflow.onnx.load_model` and `mlflow models serve` read. Equal requests give equal bytes.
 * @throws RangeError when a row of the example does not fit the model's inputs
 */
export function modelDirectory(request: ModelDirectoryRequest): DirectoryFile[] {
  const { model, versions } = request;
  const weighed = [
    { path: MODEL_FILE, bytes: model.bytes },
    ...exampleFiles(model.inputs, request.example),
  ];
  const sizeBytes = weighed.reduce((sum, file) => sum + file.bytes.length, 0);
  const mlmodel = mlmodelFile({ ...request, sizeBytes });
  return [mlmodel, ...weighed, ...environmentFiles(versions)];
}
