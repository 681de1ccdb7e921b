"""A `LabelIssues` for the tools that teams look at data in."""

import json
import os
import pathlib

import numpy as np

from keras_robust.detect.issues.issue_columns import known_columns
from keras_robust.trajectories.replacing import replacing


class Exporting:
    """What writes a `LabelIssues` in the form of another tool."""

    def to_fiftyone(self, path, files, class_names=None, overwrite=False):
        """Writes the labels as FiftyOne imports them.

        A JSON file of the type `FiftyOneImageClassificationDataset`. Each
        sample has its given label, with the label quality as `confidence`,
        and as attributes the rest: `is_label_issue`, `suggested_label` and
        `predicted_label` (their names), `id`, and what else is known. In
        FiftyOne:

            dataset = fiftyone.Dataset.from_dir(
                dataset_type=fiftyone.types.FiftyOneImageClassificationDataset,
                data_path="images", labels_path="labels.json",
            )

        Args:
            path: the file to write, `.json`.
            files: the path of each image, in the order of `ids`: absolute,
                or relative to the folder that is given to FiftyOne as
                `data_path`. None or `""` for a sample that has none; it is
                left out.
            class_names: the names of the classes, in their order. Defaults to
                their numbers.
            overwrite: whether a file at `path` is replaced. Defaults to
                `False`.

        Returns:
            How many samples were written.

        Raises:
            FileExistsError: if there is a file at `path` already.
            OSError: if the file cannot be written.
            ValueError: if an argument is not as described, or two samples
                have the same file (relative ones are told apart without
                their suffix).

        Example:

        >>> import json
        >>> import os
        >>> import tempfile
        >>> from keras_robust.detect import LabelIssues
        >>> issues = LabelIssues(
        ...     [7, 8], [False, True], [0.9, 0.1], [0, 1], [0, 0], [0, 0],
        ...     [2.0, -2.0], score="mine", split="mine",
        ... )
        >>> path = os.path.join(tempfile.mkdtemp(), "labels.json")
        >>> issues.to_fiftyone(path, ["a.png", "b.png"], ["cat", "dog"])
        2
        >>> with open(path) as file:
        ...     written = json.load(file)
        >>> written["labels"]["b"]["attributes"]["suggested_label"]
        'cat'

        Reference:
            FiftyOne's user guide, "Importing data into FiftyOne",
            FiftyOneImageClassificationDataset.
        """
        names = _names(self, class_names)
        numbers = {name: number for number, name in enumerate(names)}
        files = _texts("files", files, len(self))
        labels = {}
        for row, file in zip(_rows(self, names), files, strict=True):
            if not file:
                continue
            # FiftyOne looks for relative ones without their suffix.
            key = file
            if not os.path.isabs(file):
                key = pathlib.Path(os.path.splitext(file)[0]).as_posix()
            if key in labels:
                raise ValueError(
                    "Each sample must have a file of its own, and relative "
                    "ones must differ in more than their suffix. Received: "
                    f"{file!r} twice"
                )
            attributes = {
                name: value for name, value in row.items() if value is not None
            }
            labels[key] = {
                "label": numbers[attributes.pop("given_label")],
                "confidence": attributes.pop("label_quality"),
                "attributes": attributes,
            }
        _write(path, {"classes": names, "labels": labels}, overwrite)
        return len(labels)

    def to_label_studio(
        self,
        path,
        data,
        class_names=None,
        key="image",
        from_name="label",
        flagged=True,
        overwrite=False,
    ):
        """Writes the labels as Label Studio imports them.

        A JSON list of tasks, the most suspicious first, each with its `data`
        (the sample, and what was found of it) and two predictions of `Choices`:
        the suggested label, where there is one, by `model_version`
        `"suggested_label"`, and the given one by `"given_label"`; their `score`
        is the suggestion's confidence, where it is known, and the label
        quality. The labelling setup is, for `key="image"`:

            <View>
              <Image name="image" value="$image"/>
              <Choices name="label" toName="image">
                <Choice value="cat"/><Choice value="dog"/>
              </Choices>
            </View>

        Args:
            path: the file to write, `.json`.
            data: what Label Studio shows of each sample, in the order of
                `ids`: the URLs of images or sounds, or texts. None for a
                sample that is missing; it is left out.
            class_names: the names of the classes, in their order. Defaults to
                their numbers.
            key: the name of the samples in the tasks, and of the tag that
                shows them: `"image"`, `"text"`, ... Defaults to `"image"`.
            from_name: the name of the `Choices`. Defaults to `"label"`.
            flagged: whether only flagged labels are written. Defaults to
                `True`.
            overwrite: whether a file at `path` is replaced. Defaults to
                `False`.

        Returns:
            How many tasks were written.

        Raises:
            FileExistsError: if there is a file at `path` already.
            OSError: if the file cannot be written.
            ValueError: if an argument is not as described.

        Example:

        >>> import json
        >>> import os
        >>> import tempfile
        >>> from keras_robust.detect import LabelIssues
        >>> issues = LabelIssues(
        ...     [7, 8], [False, True], [0.9, 0.1], [0, 1], [0, 0], [0, 0],
        ...     [2.0, -2.0], score="mine", split="mine",
        ... )
        >>> path = os.path.join(tempfile.mkdtemp(), "tasks.json")
        >>> issues.to_label_studio(path, ["good", "bad"], key="text")
        1
        >>> with open(path) as file:
        ...     (task,) = json.load(file)
        >>> task["data"]["text"], task["data"]["label_quality"]
        ('bad', 0.1)

        Reference:
            Label Studio's guide, "Get data into Label Studio" and "Import
            pre-annotated data".
        """
        names = _names(self, class_names)
        data = _texts("data", data, len(self))
        for name, value in (("key", key), ("from_name", from_name)):
            if not isinstance(value, str) or not value:
                raise ValueError(
                    f"`{name}` must be a name. Received: {name}={value!r}"
                )
        order = self.top(len(self))
        if flagged:
            order = order[self.is_label_issue[order]]
        rows = _rows(self, names)
        if rows and key in rows[0]:
            raise ValueError(
                "`key` must be another name than that of a column. Received: "
                f"key={key!r}"
            )
        tasks = [
            _task(rows[position], data[position], key, from_name)
            for position in order
            if data[position] is not None
        ]
        _write(path, tasks, overwrite)
        return len(tasks)


def _task(row, sample, key, from_name):
    predictions = []
    for version, score in (
        ("suggested_label", row.get("suggestion_confidence")),
        ("given_label", row["label_quality"]),
    ):
        if row[version] is None:
            continue
        prediction = {
            "model_version": version,
            "result": [
                {
                    # No two may be the same in one import.
                    "id": f"{version}-{row['id']}",
                    "from_name": from_name,
                    "to_name": key,
                    "type": "choices",
                    "value": {"choices": [row[version]]},
                }
            ],
        }
        if score is not None:
            prediction["score"] = score
        predictions.append(prediction)
    return {"data": {key: sample, **row}, "predictions": predictions}


def _rows(issues, names):
    """What is known of each sample, for JSON: no NaN, classes by name."""
    columns = {"id": issues.ids, **known_columns(issues)}
    listed = {}
    for name, values in columns.items():
        values = values.tolist()
        if name.endswith("_label") and name != "is_label_issue":
            values = [names[v] if v >= 0 else None for v in values]
        elif columns[name].dtype.kind == "f":
            values = [v if np.isfinite(v) else None for v in values]
        listed[name] = values
    rows = zip(*listed.values(), strict=True)
    return [dict(zip(listed, row, strict=True)) for row in rows]


def _names(issues, class_names):
    labels = (
        issues.given_label,
        issues.predicted_label,
        issues.suggested_label,
    )
    size = issues.num_classes
    if size is None:
        size = 1 + max(int(part.max(initial=0)) for part in labels)
    if class_names is None:
        return [str(number) for number in range(size)]
    names = [] if np.ndim(class_names) != 1 else [str(n) for n in class_names]
    if len(names) != size or len(set(names)) != size:
        raise ValueError(
            f"`class_names` must be {size} different names, in the order of "
            f"the classes. Received: class_names={class_names!r}"
        )
    return names


def _texts(name, values, size):
    """A text for each sample, None where it is missing."""
    unordered = isinstance(values, str | bytes | dict | set | frozenset)
    if unordered or not hasattr(values, "__iter__"):
        values = ()
    listed = list(values)
    if len(listed) != size:
        raise ValueError(
            f"`{name}` must have an entry for each of the {size} samples. "
            f"Received: {len(listed)}"
        )
    texts = []
    for position, value in enumerate(listed):
        if isinstance(value, float | np.floating) and np.isnan(value):
            value = None
        if isinstance(value, os.PathLike):
            value = os.fspath(value)
        if value is not None and not isinstance(value, str):
            raise ValueError(
                f"`{name}` must hold texts, or None where a sample is "
                f"missing. Received: {name}[{position}]={value!r}"
            )
        texts.append(None if value is None else str(value))
    return texts


def _write(path, content, overwrite):
    path = os.fspath(path)
    if os.path.exists(path) and not overwrite:
        raise FileExistsError(
            "There is a file already; `overwrite=True` replaces it, or choose "
            f"another name. Received: path={path!r}"
        )
    with replacing(path, "labels") as beside:
        with open(beside, "x", encoding="utf-8") as file:
            json.dump(content, file, allow_nan=False, indent=1)
