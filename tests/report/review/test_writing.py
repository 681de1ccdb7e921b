"""The page is put in place whole, and over nothing of the user's."""

import os

import pytest

from keras_robust.report.review.writing import write_page


def test_what_somebody_wrote_meanwhile_stays(tmp_path):
    path = tmp_path / "review.html"
    path.write_text("theirs")
    with pytest.raises(FileExistsError, match="There is a file already"):
        write_page(str(path), b"mine", overwrite=False)
    assert os.listdir(tmp_path) == ["review.html"]
    assert path.read_text() == "theirs"
