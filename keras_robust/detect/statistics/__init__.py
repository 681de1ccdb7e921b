"""Numbers of samples: means, votes, histograms, mixtures of two groups."""
