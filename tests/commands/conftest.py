"""The files that the tests of `find` are told of, in the folder they run in."""

import pytest

from tests.commands import inputs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("find")


@pytest.fixture(scope="module")
def data(folder):
    return inputs.write(folder)


@pytest.fixture(autouse=True)
def _here(folder, data, monkeypatch):
    monkeypatch.chdir(folder)
