"""Answers one problem a line: what scikit-learn makes of the same predictions."""

import json
import sys
import warnings

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.dummy import DummyClassifier
from sklearn.metrics import (
    accuracy_score,
    classification_report,
    f1_score,
    log_loss,
    precision_recall_curve,
    roc_curve,
)

warnings.simplefilter("ignore")


def curves(problem):
    y = np.array(problem["positive"])
    score = np.array(problem["scores"])
    fpr, tpr, roc_at = roc_curve(y, score)
    precision, recall, pr_at = precision_recall_curve(y, score)
    observed, predicted = calibration_curve(y, score, n_bins=10, strategy="uniform")
    return {
        "roc": {"x": fpr.tolist(), "y": tpr.tolist(), "thresholds": [None, *roc_at[1:].tolist()]},
        "pr": {
            "x": recall.tolist(),
            "y": precision.tolist(),
            "thresholds": [*pr_at.tolist(), None],
        },
        "calibration": {"observed": observed.tolist(), "predicted": predicted.tolist()},
    }


def report(problem):
    actual, predicted = problem["actual"], problem["predicted"]
    return {
        "text": classification_report(actual, predicted),
        "json": classification_report(actual, predicted, output_dict=True),
    }


def baseline(problem):
    train, test = np.array(problem["all"]), np.array(problem["test"])
    labels = np.unique(train)
    empty = np.zeros((len(train), 1))
    answers = DummyClassifier(strategy="prior").fit(empty, train)
    rows = np.zeros((len(test), 1))
    guess = answers.predict(rows)
    interval = binomtest(problem["hits"], len(test)).proportion_ci(method="wilson")
    return {
        "accuracy": accuracy_score(test, guess),
        "f1": f1_score(test, guess, average="weighted"),
        "logLoss": log_loss(test, answers.predict_proba(rows), labels=labels),
        "interval": [interval.low, interval.high],
    }


def profile(problem):
    table = pd.DataFrame(problem["rows"]).describe()
    return {name: table.loc[name].tolist() for name in ("count", "mean", "std", "min", "max")}


ANSWERS = {"curves": curves, "report": report, "baseline": baseline, "profile": profile}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(ANSWERS[asked["op"]](asked)))
