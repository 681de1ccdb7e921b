"""No loss is missing from the table, and the table says what it must."""

import numpy as np
import pytest

from tests.losses.cases import BATCH
from tests.losses.cases import BY_CLASS
from tests.losses.cases import CASES
from tests.losses.cases import EVERY
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import ONE_HOT
from tests.losses.cases import PUBLIC
from tests.losses.cases import every_class
from tests.losses.cases import every_loss
from tests.losses.cases import expected


def test_every_loss_is_in_the_table():
    assert PUBLIC == set(BY_CLASS)
    assert {case.cls for case in EVERY} == PUBLIC


def test_names_are_told_apart():
    assert len(CASES) == len(EVERY)
    assert sum(case.other is not None for case in EVERY) == len(BY_CLASS)


@every_class
def test_every_number_has_a_range(cls):
    case = BY_CLASS[cls]
    numbers = {k for k, v in case.other.items() if type(v) is float}
    assert numbers <= set(case.bad or {}) <= set(case.other)


@every_loss
def test_flags_are_those_of_the_class(name):
    case = CASES[name]
    loss = case.make(from_logits=True)
    assert loss.logits_only == case.logits
    assert loss.batch_term == case.batch_term


@every_loss
def test_a_loss_of_logits_says_so(name):
    case = CASES[name]
    if case.logits:
        with pytest.raises(ValueError, match="from_logits=True"):
            case.make(from_logits=False)
        # It compares the logits of classes, so it has no binary heads.
        with pytest.raises(ValueError, match="multi_label=True"):
            case.make(from_logits=True, multi_label=True)
    else:
        assert case.make(from_logits=False).from_logits is False


@every_loss
def test_formulas_have_one_value_a_sample(name):
    wanted = expected(name, LABELS)
    assert wanted.shape == (BATCH,) and wanted.dtype == "float64"
    np.testing.assert_allclose(wanted, expected(name, ONE_HOT), rtol=1e-12)
    case = CASES[name]
    if case.held is not None:
        held = case.values(LABELS, LOGITS, held=LOGITS)
        np.testing.assert_allclose(held, wanted, rtol=1e-12)
