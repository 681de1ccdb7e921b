"""A new score, split or noise: is it imported, named, and tested."""

import ast
import pathlib

import pytest

from keras_robust import detect
from keras_robust import noise
from keras_robust.detect.splits.split import _splits
from tests.noise.test_bad_inputs import CALLS

ROOM = pathlib.Path(detect.__file__).parent
SAYS = {
    "trajectories": detect.find_label_issues,
    "embeddings": detect.find_in_embeddings,
    "pred_probs": detect.label_quality,
}


def registered_in(path):
    """The names of the scores and splits of a file, as they stand there."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in ("register_score", "register_split", "named"):
                # Not the calls within functions, whose names are variables.
                if node.args and isinstance(node.args[0], ast.Constant):
                    yield node.args[0].value


def test_every_file_that_registers_is_imported():
    known = set(_splits.entries)
    for reads in SAYS:
        known.update(detect.available_scores(reads))
    found = {n for p in ROOM.rglob("*.py") for n in registered_in(p)}
    assert "aum" in found and "gmm" in found and "spr" in found
    assert found <= known


@pytest.mark.parametrize("reads", SAYS)
def test_every_score_is_named_where_it_is_chosen(reads):
    text = SAYS[reads].__doc__
    for name in detect.available_scores(reads):
        assert f'"{name}"' in text, name


def test_every_split_is_named_where_it_is_chosen():
    for name in _splits.entries:
        assert f'"{name}"' in detect.find_label_issues.__doc__, name


def test_every_noise_is_given_what_is_bad():
    made = {
        name
        for name in noise.__all__
        if "Returns:\n        `NoisyLabels`" in getattr(noise, name).__doc__
    }
    assert "symmetric" in made
    assert made == set(CALLS)
