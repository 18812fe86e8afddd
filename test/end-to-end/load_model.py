"""Loads a run's model as a stranger would, and prints what it predicts for rows given on stdin as JSON."""

import json
import sys

import mlflow
import pandas as pd


def main():
    tracking_uri, run_id = sys.argv[1:]
    mlflow.set_tracking_uri(tracking_uri)
    model = mlflow.pyfunc.load_model(f"runs:/{run_id}/model")
    predicted = model.predict(pd.DataFrame(json.load(sys.stdin)))
    print(json.dumps({"label": predicted["label"].tolist(), "columns": list(predicted.columns)}))


if __name__ == "__main__":
    main()
