"""Trajectories to one label-quality number for each sample."""
