"""`python -m keras_robust`: the same as the command `keras-robust`."""

import sys

from keras_robust.cli import main

if __name__ == "__main__":
    sys.exit(main())
