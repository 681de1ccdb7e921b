"""A `LabelIssues` as a page to look at and decide on."""


class ReviewPage:
    """What writes the review page."""

    def to_html(self, path, data=None, kind=None, class_names=None, **options):
        """Writes one HTML file on which a person decides about each label.

        `report.write_review` does it; all that it takes is taken here.

        Args:
            path: the file to write, with the suffix .html.
            data: the samples, in the order of `ids`: an array, a list, a
                pandas frame, or a function of a position.
            kind: `"image"`, `"text"`, `"tabular"` or `"audio"`.
            class_names: the names of the classes, in their order.
            **options: as `report.write_review` takes them, such as
                `trajectories`, `embeddings`, `top` and `overwrite`.

        Returns:
            The path written.

        Raises:
            FileExistsError: if there is a file at `path`, unless
                `overwrite=True`.
            ImportError: if jinja2 (or, for images, Pillow) is missing.
            ValueError: if an argument or a sample will not do.

        Example:

        >>> import os
        >>> import tempfile
        >>> from keras_robust.detect import LabelIssues
        >>> issues = LabelIssues(
        ...     [7, 8], [False, True], [0.9, 0.1], [0, 1], [0, 0], [0, 0],
        ...     [2.0, -2.0], score="mine", split="mine",
        ... )
        >>> path = os.path.join(tempfile.mkdtemp(), "review.html")
        >>> written = issues.to_html(path, ["fine", "bad"], kind="text")
        >>> os.path.basename(written)
        'review.html'
        """
        from keras_robust.report import write_review

        return write_review(self, path, data, kind, class_names, **options)
