"""Run the command line as ``python -m attn_widgets``."""

import sys

from attn_widgets.cli import main

if __name__ == "__main__":
    sys.exit(main())
