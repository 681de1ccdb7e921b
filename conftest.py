"""pytest begins here, whichever file it is asked for."""


def pytest_collectstart():
    """Imports the package as anyone does, before pytest looks at its files.

    A file whose package is not there yet it imports by path, and the packages
    around it once more: functions would give way to modules of their name, and
    what a test patches would be the other copy.
    """
    import keras_robust  # noqa: F401
