"""Uses MLflow models on disk as a stranger would. JSON in on stdin, JSON out on stdout."""

import contextlib
import filecmp
import json
import os
import sys
import tempfile
import threading
import time
import urllib.request
import warnings

os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
import mlflow
import mlflow.onnx
import numpy as np
import pandas as pd
import uvicorn
import yaml
from mlflow.models import Model
from mlflow.pyfunc import scoring_server

warnings.simplefilter("ignore")


def table(frame):
    """What a DataFrame holds, and the types of its columns."""
    return {
        "columns": {name: frame[name].tolist() for name in frame.columns},
        "types": {name: str(dtype) for name, dtype in frame.dtypes.items()},
    }


def frame_of(columns):
    return pd.DataFrame({c["name"]: np.array(c["values"], dtype=c["dtype"]) for c in columns})


def load(q):
    """Loads a model both ways and predicts some tables and its own input example."""
    mlflow.onnx.load_model(q["path"])
    model = mlflow.pyfunc.load_model(q["path"])
    answers = []
    for columns in q["frames"]:
        try:
            answers.append(table(model.predict(frame_of(columns))))
        except Exception as error:
            answers.append({"error": str(error)})
    example = model.metadata.load_input_example(q["path"])
    return {
        "answers": answers,
        "example": table(example),
        "exampleAnswer": table(model.predict(example)),
        "metadata": model.metadata.metadata,
        "inputs": model.metadata.get_input_schema().to_dict(),
        "outputs": model.metadata.get_output_schema().to_dict(),
        "runId": model.metadata.run_id,
    }


def serve(q):
    """Posts bodies to the scoring server that `mlflow models serve` runs."""
    app = scoring_server.init(mlflow.pyfunc.load_model(q["path"]))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        answers = []
        for body in q["bodies"]:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/invocations",
                data=body.encode(),
                headers={"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request) as response:
                answers.append(json.load(response))
        return answers
    finally:
        server.should_exit = True
        thread.join()


def save_again(q):
    """Saves the same model with MLflow's own code and compares the two directories."""
    ours = Model.load(q["path"])
    with tempfile.TemporaryDirectory() as parent:
        path = os.path.join(parent, "model")
        mlflow.onnx.save_model(
            mlflow.onnx.load_model(q["path"]),
            path,
            signature=ours.signature,
            input_example=ours.load_input_example(q["path"]),
            pip_requirements=q["requirements"],
            onnx_execution_providers=["CPUExecutionProvider"],
            metadata=ours.metadata,
            save_as_external_data=False,
        )

        def read(name, parse):
            pair = []
            for directory in (path, q["path"]):
                with open(os.path.join(directory, name), encoding="ascii") as file:
                    pair.append(parse(file))
            return pair

        theirs, mine = read("MLmodel", yaml.safe_load)
        return {
            "files": [sorted(os.listdir(path)), sorted(os.listdir(q["path"]))],
            "model": filecmp.cmp(f"{path}/model.onnx", f"{q['path']}/model.onnx", shallow=False),
            "mlmodel": [theirs, mine],
            "conda": read("conda.yaml", yaml.safe_load),
            "python_env": read("python_env.yaml", yaml.safe_load),
            "requirements": read("requirements.txt", lambda file: file.read()),
            "example": read("input_example.json", json.load),
            "serving": read("serving_input_example.json", json.load),
        }


def versions(q):
    """Versions of what this process runs on, as MLflow would write them down."""
    env = mlflow.utils.environment._PythonEnv.current().to_dict()
    tools = dict(line.partition("==")[::2] for line in env["build_dependencies"])
    return {
        "python": env["python"],
        "mlflow": mlflow.__version__,
        "onnx": __import__("onnx").__version__,
        "onnxruntime": __import__("onnxruntime").__version__,
        **{name: tools[name] for name in ("pip", "setuptools") if tools.get(name)},
    }


OPS = {f.__name__: f for f in (load, serve, save_again, versions)}
questions = json.load(sys.stdin)
# MLflow prints to stdout, too.
with contextlib.redirect_stdout(sys.stderr):
    answers = [OPS[q["op"]](q) for q in questions]
json.dump(answers, sys.stdout)
