"""A missing backend: a library says what to do, our command takes another."""

import sys

import pytest

from keras_robust import program


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """As if nothing were imported, configured or installed yet."""
    monkeypatch.delitem(sys.modules, "keras")
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "orig_argv", ["python", "user.py"])
    monkeypatch.setattr(sys, "argv", ["user.py"])

    def only(*names):
        monkeypatch.setattr(program, "_is_installed", lambda n: n in names)

    return only


def test_nothing_happens_where_the_backend_is_there(fresh):
    fresh("tensorflow")
    program.prepare_backend()
    assert "KERAS_BACKEND" not in program.os.environ


def test_a_library_says_what_to_set(fresh):
    fresh("jax", "torch")
    with pytest.raises(ImportError, match="set KERAS_BACKEND=jax"):
        program.prepare_backend()
    assert "KERAS_BACKEND" not in program.os.environ


@pytest.mark.parametrize(
    ("orig_argv", "argv"),
    [
        (["python", "-m", "keras_robust", "demo"], ["-m", "demo"]),
        (["python", "/x/bin/keras-robust"], ["/x/bin/keras-robust", "demo"]),
    ],
)
def test_our_command_takes_what_is_there(fresh, monkeypatch, orig_argv, argv):
    fresh("torch")
    monkeypatch.setattr(sys, "orig_argv", orig_argv)
    monkeypatch.setattr(sys, "argv", argv)
    # Known to monkeypatch, so that it is taken back after the test.
    monkeypatch.setenv("KERAS_BACKEND", "x")
    monkeypatch.delenv("KERAS_BACKEND")
    program.prepare_backend()
    assert program.os.environ["KERAS_BACKEND"] == "torch"


def test_a_tool_that_is_given_the_package_is_not_our_command(
    fresh, monkeypatch
):
    fresh("torch")
    asked = ["python", "-m", "pytest", "keras_robust"]
    monkeypatch.setattr(sys, "orig_argv", asked)
    with pytest.raises(ImportError, match="set KERAS_BACKEND=torch"):
        program.prepare_backend()


def test_what_the_user_asked_for_is_never_overruled(fresh, monkeypatch):
    fresh("torch")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr(sys, "argv", ["keras-robust"])
    with pytest.raises(ImportError, match="Received: KERAS_BACKEND=jax"):
        program.prepare_backend()


def test_kerass_own_setting_is_read(fresh, tmp_path):
    fresh("jax")
    (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    program.prepare_backend()
    (tmp_path / "keras.json").write_text("not json")
    with pytest.raises(ImportError, match="'tensorflow', which is not"):
        program.prepare_backend()


def test_no_backend_at_all_names_the_pip_line(fresh):
    fresh()
    with pytest.raises(ImportError, match=r'pip install "keras-robust\[jax\]"'):
        program.prepare_backend()
