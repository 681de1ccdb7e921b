"""Label issues where a sample has not just one class: many, or a number."""
