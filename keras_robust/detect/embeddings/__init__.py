"""Detection in an embedding: neighbours, class means, a regression."""
