"""Answers problems from stdin, one JSON object a line, with what numpy and scikit-learn say.

Each problem names its `op`; each answer is one JSON line. A ValueError is an answer, too:
{"error": "..."}.
"""

import base64
import json
import sys
import unicodedata
import warnings

import numpy as np
from scipy import sparse
from sklearn import datasets
from sklearn._loss.loss import HalfBinomialLoss, HalfMultinomialLoss
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.linear_model._linear_loss import LinearModelLoss
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from experiment import experiment
from scores import evaluate


def random(p):
    def state():
        return np.random.RandomState(p["seed"])

    return {
        "uniform": state().random_sample(p["count"]).tolist(),
        "normal": state().randn(p["count"]).tolist(),
        "permutation": state().permutation(p["count"]).tolist(),
        "choice": state().choice(p["count"], p["count"] // 2, replace=False).tolist(),
    }


def split(p):
    labels = np.asarray(p["labels"])
    classes, counts = np.unique(labels, return_counts=True)
    train, test = train_test_split(
        np.arange(len(labels)),
        test_size=p["testSize"],
        random_state=p["seed"],
        stratify=labels,
    )
    return {
        "classes": classes.tolist(),
        "counts": counts.tolist(),
        "train": train.tolist(),
        "test": test.tolist(),
    }


def dataset(p):
    X, y = getattr(datasets, "load_" + p["name"])(return_X_y=True)
    if p["standardised"]:
        X = StandardScaler().fit_transform(X)
    return {"rows": X.tolist(), "codes": y.tolist()}


def matrix_of(value):
    if isinstance(value, list):
        return np.asarray(value, dtype=float)
    return sparse.csr_matrix(
        (value["values"], value["columnIndices"], value["rowStarts"]),
        shape=(value["rows"], value["columns"]),
    )


def fit_once(X, y, params, solver="lbfgs"):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = LogisticRegression(solver=solver, **params).fit(X, y)
    warned = any(issubclass(w.category, ConvergenceWarning) for w in caught)
    return model, not warned


def objective(model, X, y, C):
    count = len(model.classes_)
    binary = count == 2
    loss = LinearModelLoss(
        HalfBinomialLoss() if binary else HalfMultinomialLoss(n_classes=count), True
    )
    weights = np.concatenate([model.coef_, model.intercept_[:, None]], axis=1)
    return loss.loss(
        weights.ravel() if binary else weights,
        X,
        y.astype(float),
        l2_reg_strength=1 / (C * len(y)),
    )


def fit(p):
    """One fit, fits on permuted rows, and on request the optimum by Newton's method."""
    X, y, X_test = matrix_of(p["train"]), np.asarray(p["codes"]), matrix_of(p["test"])
    params = p["params"]
    rng = np.random.RandomState(0)
    orders = [np.arange(len(y))] + [rng.permutation(len(y)) for _ in range(p["again"])]
    fits = []
    for order in orders:
        model, converged = fit_once(X[order], y[order], params)
        fits.append(
            {
                "iterations": int(model.n_iter_[0]),
                "converged": converged,
                "loss": objective(model, X, y, params["C"]),
                "coefficients": model.coef_.ravel().tolist(),
                "intercepts": model.intercept_.tolist(),
                "predicted": model.predict(X_test).tolist(),
                "probabilities": model.predict_proba(X_test).ravel().tolist(),
            }
        )
    answer = {"fits": fits}
    if p.get("optimum"):
        newton, _ = fit_once(X, y, {**params, "tol": 1e-12}, "newton-cholesky")
        answer["optimum"] = newton.coef_.ravel().tolist()
    return answer


def csr(X):
    X = X.tocsr()
    X.sort_indices()
    return {
        "rowStarts": X.indptr.tolist(),
        "columnIndices": X.indices.tolist(),
        "values": X.data.tolist(),
    }


def tfidf(p):
    vectorizer = TfidfVectorizer(max_features=p["maxFeatures"], ngram_range=(1, 2))
    train = vectorizer.fit_transform(p["train"])
    terms = vectorizer.get_feature_names_out().tolist()
    everything = CountVectorizer(ngram_range=(1, 2))
    counts = np.asarray(everything.fit_transform(p["train"]).sum(axis=0)).ravel()
    return {
        "terms": terms,
        "idf": vectorizer.idf_.tolist(),
        "train": csr(train),
        "test": csr(vectorizer.transform(p["test"])),
        "counts": dict(zip(everything.get_feature_names_out().tolist(), counts.tolist())),
    }


def tokens(p):
    analyse = TfidfVectorizer(ngram_range=(1, 1)).build_analyzer()
    return [analyse(text) for text in p["texts"]]


def sums(p):
    arrays = [np.asarray(values) for values in p["arrays"]]
    return [float(np.sum(values)) for values in arrays]


def logs(p):
    return [float(value) for value in np.log(np.asarray(p["values"]))]


def unicode(p):
    """Which code points are words, which are assigned, and lower case where it differs."""
    import re

    word = re.compile(r"\w")
    words = np.zeros(0x110000, dtype=np.uint8)
    assigned = np.zeros(0x110000, dtype=np.uint8)
    lower = {}
    for code in range(0x110000):
        character = chr(code)
        words[code] = word.match(character) is not None
        assigned[code] = unicodedata.category(character) != "Cn"
        if character.lower() != character:
            lower[character] = character.lower()
        for text in (f"aΣ{character}", f"{character}Σ", f"a{character}Σ"):
            # No letter with case, and no mark, is elsewhere.
            if code < 0x20000 and text.lower() != text.replace("Σ", "σ"):
                lower[text] = text.lower()
    return {
        "version": unicodedata.unidata_version,
        "words": base64.b64encode(words.tobytes()).decode(),
        "assigned": base64.b64encode(assigned.tobytes()).decode(),
        "lower": lower,
    }


OPERATIONS = {
    f.__name__: f
    for f in (
        random, split, dataset, fit, tfidf, tokens, evaluate, experiment, sums, logs, unicode
    )
}


def main():
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        problem = json.loads(line)
        try:
            answer = OPERATIONS[problem["op"]](problem)
        except ValueError as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
