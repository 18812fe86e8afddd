"""The mission document's experiment: pandas reads a source, scikit-learn splits, fits and predicts."""

import json
import sqlite3
import warnings
from contextlib import closing

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from scores import evaluate


def read(source):
    kind = source["kind"]
    if kind == "csv":
        return pd.read_csv(source["path"])
    if kind == "parquet":
        return pd.read_parquet(source["path"])
    if kind == "sqlite":
        with closing(sqlite3.connect(source["path"])) as connection:
            return pd.read_sql(source["query"], connection)
    if kind == "records":
        # As a request carries them: JSON in JSON, so that any string gets here.
        return pd.DataFrame(json.loads(source["records"]))
    frame = pd.DataFrame(source["rows"])
    return frame.assign(**{source["target"]: source["labels"]})


def label_type(dtype):
    return {"i": "int", "u": "int", "f": "float", "b": "bool"}.get(dtype.kind, "string")


def plain(label):
    """A label as JSON has it, or as text where it has no such value."""
    exact = isinstance(label, (str, float)) or (isinstance(label, int) and abs(label) < 2**53)
    return label if exact else str(label)


def experiment(p):
    """What comes out, or in which step what kind of error."""
    step = "read"
    try:
        frame = read(p["source"])
        target = p["source"]["target"]
        y = frame[target]
        text = p["source"].get("text")
        X = frame[text] if text else frame.drop(columns=[target])
        params = dict(p["params"])
        test_size, seed = params.pop("test_size"), params.pop("seed")
        step = "split"
        rows = np.arange(len(frame))
        stratify = y if len(y.unique()) > 1 else None
        train, test = train_test_split(
            rows, test_size=test_size, random_state=seed, stratify=stratify
        )
        step = "fit"
        fits = []
        rng = np.random.RandomState(0)
        for again in range(1 + p.get("again", 0)):
            order = rng.permutation(train) if again else train
            pipeline = make_pipeline(
                *([TfidfVectorizer(max_features=20000, ngram_range=(1, 2))] if text else []),
                LogisticRegression(random_state=seed, **params),
            )
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                pipeline.fit(X.iloc[order], y.iloc[order])
            warned = any(issubclass(w.category, ConvergenceWarning) for w in caught)
            fits.append((pipeline, not warned))
        step = "predict"
        pipeline, converged = fits[0]
        model = pipeline[-1]
        predicted = pipeline.predict(X.iloc[test])
        step = "evaluate"
        labels = np.unique(np.asarray(y))
        probabilities = np.zeros((len(test), len(labels)))
        known = np.searchsorted(labels, model.classes_)
        probabilities[:, known] = pipeline.predict_proba(X.iloc[test])
        actual = np.searchsorted(labels, np.asarray(y))
        answer = {
            "actual": actual[test],
            "predicted": np.searchsorted(labels, predicted),
            "probabilities": probabilities,
            "classCount": len(labels),
        }
        # log_loss and roc_auc_score refuse a probability that is NaN.
        metrics = evaluate(answer)["metrics"]
    except Exception as error:  # every kind of refusal is an answer
        return {"step": step, "error": f"{type(error).__name__}: {error}"}
    return {
        "labels": [plain(label) for label in labels.tolist()],
        "labelType": label_type(y.dtype),
        "codes": actual.tolist(),
        "train": train.tolist(),
        "test": test.tolist(),
        "predicted": answer["predicted"].tolist(),
        "probabilities": probabilities.ravel().tolist(),
        "iterations": int(model.n_iter_[0]),
        "converged": converged,
        "again": [
            {
                "predicted": np.searchsorted(labels, refit.predict(X.iloc[test])).tolist(),
                "iterations": int(refit[-1].n_iter_[0]),
                "converged": refit_converged,
            }
            for refit, refit_converged in fits[1:]
        ],
        "metrics": metrics,
    }
