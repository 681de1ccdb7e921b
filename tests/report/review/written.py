"""Pages of a few samples, and what they hold."""

from tests.report.review import read
from tests.report.review import suspects


def written(tmp_path, data, kind, issues=None, **options):
    """The data of a page of two suspects."""
    if issues is None:
        issues = suspects.build(size=4, flagged=2)
    path = issues.to_html(tmp_path / "review.html", data, kind, **options)
    return read.payload(path)


def new_folder(folder):
    """An empty folder inside of a folder."""
    new = folder / str(len(list(folder.iterdir())))
    new.mkdir()
    return new
