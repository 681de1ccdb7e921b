"""The review page: one HTML file on which a person decides about labels."""
