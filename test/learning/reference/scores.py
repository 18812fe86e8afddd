"""What scikit-learn's metrics say of predictions."""

import numpy as np
from sklearn import metrics
from sklearn.preprocessing import label_binarize


def evaluate(p):
    y, predicted, count = np.asarray(p["actual"]), np.asarray(p["predicted"]), p["classCount"]
    probabilities = np.asarray(p["probabilities"]).reshape(-1, count)
    labels = list(range(count))
    answer = {
        "accuracy": metrics.accuracy_score(y, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, predicted),
        "matthews_correlation": metrics.matthews_corrcoef(y, predicted),
        "log_loss": metrics.log_loss(y, probabilities, labels=labels),
    }
    for average in ("weighted", "macro"):
        p_, r_, f_, _ = metrics.precision_recall_fscore_support(y, predicted, average=average)
        answer["precision_" + average] = p_
        answer["recall_" + average] = r_
        answer["f1_" + average] = f_
    if count == 2:
        answer["roc_auc"] = metrics.roc_auc_score(y, probabilities[:, 1])
        answer["pr_auc"] = metrics.average_precision_score(y, probabilities[:, 1])
    else:
        answer["roc_auc_ovr_weighted"] = metrics.roc_auc_score(
            y, probabilities, multi_class="ovr", average="weighted", labels=labels
        )
        answer["pr_auc_ovr_weighted"] = metrics.average_precision_score(
            label_binarize(y, classes=labels), probabilities, average="weighted"
        )
    classes = sorted(set(y.tolist()) | set(predicted.tolist()))
    per_class = metrics.precision_recall_fscore_support(y, predicted, labels=classes)
    return {
        # A metric that is not defined is NaN.
        "metrics": {name: float(value) for name, value in answer.items() if np.isfinite(value)},
        "perClass": [
            dict(zip(("code", "precision", "recall", "f1", "support"), map(float, row)))
            for row in zip(classes, *per_class)
        ],
        "confusion": metrics.confusion_matrix(y, predicted, labels=labels).ravel().tolist(),
    }
