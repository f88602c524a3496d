"""``python -m pellucid``: the command line without the console script."""

import sys

from pellucid.cli import main

sys.exit(main())
