"""Measurements of keras_robust: each module is a command."""
