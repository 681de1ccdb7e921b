"""Detection from predicted probabilities, cleanlab's tables included."""
