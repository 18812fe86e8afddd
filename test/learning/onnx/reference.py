"""Runs exported models in ONNX Runtime and computes the same predictions with scikit-learn.

Reads one JSON list of questions from stdin, each with its `op`, and answers with a JSON list.
scikit-learn takes seconds to import, so only the functions that need it do.
"""

import base64
import json
import sys
import unicodedata

import numpy as np
import onnx
import onnxruntime

DTYPES = {"double": np.float64, "long": np.int64, "boolean": np.bool_, "string": object}


def run(q):
    """Checks a model and feeds it columns: what comes out, by name, with the type of each."""
    data = base64.b64decode(q["model"])
    model = onnx.load_model_from_string(data)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    feeds = {}
    for column in q["columns"]:
        values = np.array(column["values"], dtype=DTYPES[column["type"]])
        feeds[column["name"]] = values.reshape(-1, 1) if q["asMatrix"] else values
    values = session.run(None, feeds)
    return {
        "names": [output.name for output in session.get_outputs()],
        "types": [output.type for output in session.get_outputs()],
        "dims": [value.ndim for value in values],
        "values": [value.tolist() for value in values],
        "docs": [output.doc_string for output in model.graph.output],
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "reserialised": model.SerializeToString(deterministic=True) == data,
    }


def classifier(q, features):
    """A LogisticRegression with the given coefficients, as if it had been fitted."""
    from sklearn.linear_model import LogisticRegression

    rows = len(q["intercepts"])
    model = LogisticRegression()
    model.classes_ = np.array(q["labels"])
    model.coef_ = np.array(q["coefficients"], dtype=float).reshape(rows, features)
    model.intercept_ = np.array(q["intercepts"], dtype=float)
    model.n_features_in_ = features
    return model


def answer(model, matrix):
    return {
        "labels": model.predict(matrix).tolist(),
        "probabilities": model.predict_proba(matrix).tolist(),
    }


def tabular(q):
    matrix = np.array(q["rows"], dtype=float)
    return answer(classifier(q, matrix.shape[1]), matrix)


def vectorizer(q):
    from sklearn.feature_extraction.text import TfidfVectorizer

    fitted = TfidfVectorizer(vocabulary=q["terms"], ngram_range=(1, 2))
    fitted.idf_ = np.array(q["idf"])
    return fitted


def text(q):
    return answer(classifier(q, len(q["terms"])), vectorizer(q).transform(q["texts"]))


def fit_text(q):
    """scikit-learn's own pipeline of the mission document, fitted."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    fitted = TfidfVectorizer(max_features=q["maxFeatures"], ngram_range=(1, 2))
    matrix = fitted.fit_transform(q["texts"])
    model = LogisticRegression(max_iter=1000, random_state=42).fit(matrix, q["labels"])
    return {
        "terms": fitted.get_feature_names_out().tolist(),
        "idf": fitted.idf_.tolist(),
        "coefficients": model.coef_.ravel().tolist(),
        "intercepts": model.intercept_.tolist(),
        "labels": model.classes_.tolist(),
    }


def unassigned(q):
    """The code points that this Python's Unicode does not know."""
    points = (p for p in range(sys.maxunicode + 1) if not 0xD800 <= p < 0xE000)
    return [p for p in points if unicodedata.category(chr(p)) == "Cn"]


OPS = {f.__name__: f for f in (run, tabular, text, fit_text, unassigned)}
json.dump([OPS[q["op"]](q) for q in json.load(sys.stdin)], sys.stdout, ensure_ascii=False)
