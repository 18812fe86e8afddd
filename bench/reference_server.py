"""scikit-learn and pandas in one warm Python process, to be measured against.

One JSON request a line on stdin, one JSON answer a line on stdout. `seconds` is the time of the call
that is compared and of nothing else: what it works on lies in memory before.
"""

import hashlib
import json
import os
import sys
import time

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

prepared = {"path": None, "rows": None}


def split_rows(path, read):
    """Training and test rows of a file, kept until another file is asked for."""
    if prepared["path"] != path:
        values, labels = read(path)
        rows = train_test_split(values, labels, test_size=0.2, random_state=42, stratify=labels)
        prepared.update(path=path, rows=rows)
    return prepared["rows"]


def read_table(path):
    frame = pd.read_parquet(path)
    return np.ascontiguousarray(frame.drop(columns="label").to_numpy()), frame["label"].to_numpy()


def read_texts(path):
    with open(path) as file:
        records = json.load(file)
    return [record["text"] for record in records], [record["label"] for record in records]


def fit_and_score(model, rows):
    x_train, x_test, y_train, y_test = rows
    started = time.perf_counter()
    model.fit(x_train, y_train)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "rows": len(y_train), "accuracy": model.score(x_test, y_test)}


def fit(path):
    return fit_and_score(LogisticRegression(max_iter=1000), split_rows(path, read_table))


def fit_text(path):
    vectorizer = TfidfVectorizer(max_features=20000, ngram_range=(1, 2))
    model = make_pipeline(vectorizer, LogisticRegression(max_iter=1000))
    return fit_and_score(model, split_rows(path, read_texts))


def read_csv(path):
    started = time.perf_counter()
    frame = pd.read_csv(path)
    seconds = time.perf_counter() - started
    values = np.ascontiguousarray(frame.drop(columns="label").to_numpy())
    return {"seconds": seconds, "sha256": hashlib.sha256(values).hexdigest()}


OPERATIONS = {"fit": fit, "fit_text": fit_text, "read_csv": read_csv}


def main():
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # a library that prints must not corrupt the answers
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(OPERATIONS[request["op"]](request["path"])) + "\n")


if __name__ == "__main__":
    main()
