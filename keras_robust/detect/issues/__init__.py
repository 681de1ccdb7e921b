"""`LabelIssues`, the result of every detection, and all it can do."""
