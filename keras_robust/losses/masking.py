"""Keras's masks, which have no public name: read and set in one file."""

from keras.src.backend.common import masking


def mask_of(tensor):
    """Returns the mask that Keras keeps with a tensor, or `None`."""
    return masking.get_keras_mask(tensor)


def set_mask(tensor, mask):
    """Makes `mask` the tensor's."""
    masking.set_keras_mask(tensor, mask=mask)
