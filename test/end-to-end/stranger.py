"""Looks at a run as a colleague does who knows nothing but MLflow: with its own client only.

Arguments: tracking URI, run id, registered model, CSV file, target column. Prints what it found as JSON.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import mlflow
import onnxruntime
import pandas as pd

uri, run_id, registered, path, target = sys.argv[1:]
mlflow.set_tracking_uri(uri)
client = mlflow.MlflowClient()
run = client.get_run(run_id)
model_id = run.outputs.model_outputs[0].model_id
model = client.get_logged_model(model_id)

frame = pd.read_csv(path)
features = frame.drop(columns=[target])
info = mlflow.models.get_model_info(f"runs:/{run_id}/model")


def labels(uri):
    return mlflow.pyfunc.load_model(uri).predict(features)["label"].tolist()


def serve():
    """The labels of the first rows, from `mlflow models serve`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local"]
    server = subprocess.Popen(
        [*command, "-m", f"models:/{model_id}", "-p", port],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # It starts programs of its own environment by their names.
        env={
            **os.environ,
            "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"],
            "MLFLOW_TRACKING_URI": uri,
        },
    )
    try:
        body = json.dumps({"dataframe_split": features.head(5).to_dict(orient="split")}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/invocations", body, {"content-type": "application/json"}
        )
        while server.poll() is None:
            try:
                with urllib.request.urlopen(request) as answer:
                    return [row["label"] for row in json.load(answer)["predictions"]]
            except urllib.error.URLError as error:
                if isinstance(error, urllib.error.HTTPError):
                    raise RuntimeError(error.read().decode()) from error
                time.sleep(0.2)
        raise RuntimeError(f"mlflow models serve ended with {server.returncode}")
    finally:
        if server.poll() is None:
            os.killpg(server.pid, 15)
            server.wait()


def onnx_labels():
    """With ONNX Runtime alone, from the downloaded file."""
    folder = mlflow.artifacts.download_artifacts(f"models:/{model_id}")
    session = onnxruntime.InferenceSession(os.path.join(folder, "model.onnx"))
    feeds = {
        entry.name: features[entry.name].to_numpy().astype(
            {"tensor(double)": "float64", "tensor(int64)": "int64"}[entry.type]
        )
        for entry in session.get_inputs()
    }
    return session.run(["label"], feeds)[0].tolist()


by_pyfunc = labels(f"runs:/{run_id}/model")
champion = client.get_model_version_by_alias(registered, "champion")
preview = pd.read_csv(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/preview/predictions.csv"))
sample = pd.read_csv(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/report/predictions.csv"))
example = info.signature is not None and mlflow.models.Model.load(
    f"models:/{model_id}"
).load_input_example(mlflow.artifacts.download_artifacts(f"models:/{model_id}"))

print(
    json.dumps(
        {
            "status": run.info.status,
            "params": run.data.params,
            "metrics": run.data.metrics,
            "tags": run.data.tags,
            "artifacts": sorted(entry.path for entry in client.list_artifacts(run_id)),
            "report": sorted(entry.path for entry in client.list_artifacts(run_id, "report")),
            "datasets": [
                {
                    "name": entry.dataset.name,
                    "digest": entry.dataset.digest,
                    "source": json.loads(entry.dataset.source),
                    "schema": json.loads(entry.dataset.schema),
                    "profile": json.loads(entry.dataset.profile),
                    "context": entry.tags[0].value,
                }
                for entry in run.inputs.dataset_inputs
            ],
            "loss": [
                [point.step, point.value] for point in client.get_metric_history(run_id, "training/loss")
            ],
            "model": {
                "id": model_id,
                "name": model.name,
                "status": str(model.status),
                "source_run": model.source_run_id,
                "tags": model.tags,
                "params": model.params,
                "metrics": {metric.key: [metric.value, metric.dataset_name] for metric in model.metrics},
                "files": sorted(entry.path for entry in client.list_logged_model_artifacts(model_id)),
                "signature": info.signature.to_dict(),
                "example": example.to_dict(orient="list"),
            },
            "searched": [
                found.model_id
                for found in mlflow.search_logged_models(
                    experiment_ids=[run.info.experiment_id],
                    filter_string="metrics.accuracy > 0.5",
                    output_format="list",
                )
            ],
            "champion": {
                "version": str(champion.version),
                "run_id": champion.run_id,
                "source": champion.source,
                "tags": champion.tags,
            },
            "agree": {
                "models_uri": labels(f"models:/{model_id}") == by_pyfunc,
                "champion_uri": labels(f"models:/{registered}@champion") == by_pyfunc,
                "onnx": onnx_labels() == by_pyfunc,
                "served": serve() == by_pyfunc[:5],
            },
            "preview": preview.to_dict(orient="list"),
            "sample": sample.head(3).to_dict(orient="list"),
            "sample_agrees": [by_pyfunc[row] for row in sample["row"]] == sample["y_pred"].tolist(),
        }
    )
)
