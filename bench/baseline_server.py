"""The baseline to measure against: one experiment after another in one Python process.

Does with scikit-learn and MLflow's own client what the mission document's server does: read, split,
fit, predict, score, log params and metrics, save the model, log it and a preview. One JSON request a
line on stdin, one JSON answer a line on stdout; whatever the libraries print goes to stderr.
"""

import json
import os
import sys
import tempfile
import time

import mlflow
import mlflow.sklearn
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline


def read_source(source):
    """Returns (X, y, names of the features)."""
    if source["kind"] == "inline":
        frame = pd.DataFrame(source["records"])
        return frame["text"], frame["label"], ["text"]
    reader = pd.read_parquet if source.get("format") == "parquet" else pd.read_csv
    frame = reader(source["path"])
    names = source.get("features") or [c for c in frame.columns if c != source["target"]]
    return frame[names], frame[source["target"]], names


def build_pipeline(text):
    steps = [("classifier", LogisticRegression(max_iter=1000, random_state=42))]
    if text:
        steps.insert(0, ("tfidf", TfidfVectorizer(max_features=20000, ngram_range=(1, 2))))
    return Pipeline(steps)


def run_experiment(request):
    source = request["source"]
    text = source["kind"] == "inline"
    features, target, names = read_source(source)
    x_train, x_test, y_train, y_test = train_test_split(
        features, target, test_size=0.2, random_state=42, stratify=target
    )
    mlflow.set_experiment(request["experiment_name"])
    with mlflow.start_run() as run:
        mlflow.log_params(
            {
                "model": "logreg_text" if text else "logreg_tabular",
                "n_rows": len(target),
                "n_features": 1 if text else len(names),
                "source_kind": source["kind"],
                "target": source.get("target", "label"),
                "features": names,
            }
        )
        pipeline = build_pipeline(text).fit(x_train, y_train)
        predicted = pipeline.predict(x_test)
        metrics = {
            "accuracy": accuracy_score(y_test, predicted),
            "f1_weighted": f1_score(y_test, predicted, average="weighted"),
        }
        mlflow.log_metrics(metrics)
        with tempfile.TemporaryDirectory() as folder:
            mlflow.sklearn.save_model(pipeline, os.path.join(folder, "model"))
            mlflow.log_artifacts(os.path.join(folder, "model"), artifact_path="model")
            preview = os.path.join(folder, "preview.csv")
            pd.DataFrame({"y_true": y_test[:20].tolist(), "y_pred": predicted[:20].tolist()}).to_csv(
                preview, index=False
            )
            mlflow.log_artifact(preview, artifact_path="preview")
        return {"run_id": run.info.run_id, "metrics": metrics}


def main():
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # MLflow prints to stdout, which would corrupt the answers
    for line in sys.stdin:
        started = time.perf_counter()
        answer = run_experiment(json.loads(line))
        answer["seconds"] = time.perf_counter() - started
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
