"""Flags and an order of suspicion against the truth."""


def grade(wrong, flagged, suspicion):
    """How well flags and an order match what is wrong.

    Args:
        wrong: bool `(N,)`, what is wrong in truth.
        flagged: bool `(N,)`, what was called wrong.
        suspicion: numbers `(N,)`, larger = more suspicious.

    Returns:
        dict of floats in [0, 1]: `"precision"`, `"recall"`, `"f1"`,
        `"average_precision"`, `"auroc"`. NaN where one is not defined: the
        precision without any flag, the recall, F1 and average precision
        without anything wrong, the AUROC unless there is both.
    """
    hits = int((wrong & flagged).sum())
    num_wrong, num_flagged = int(wrong.sum()), int(flagged.sum())
    average_precision = auroc = f1 = float("nan")
    if num_wrong:
        from sklearn.metrics import average_precision_score
        from sklearn.metrics import roc_auc_score

        f1 = 2 * hits / (num_flagged + num_wrong)
        average_precision = average_precision_score(wrong, suspicion)
        if num_wrong < wrong.size:
            auroc = roc_auc_score(wrong, suspicion)
    return {
        "precision": hits / num_flagged if num_flagged else float("nan"),
        "recall": hits / num_wrong if num_wrong else float("nan"),
        "f1": f1,
        "average_precision": float(average_precision),
        "auroc": float(auroc),
    }
