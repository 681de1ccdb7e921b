"""The commands of `keras-robust`, a file each."""
