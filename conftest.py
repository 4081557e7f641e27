"""Tests of the whole tree.

The folders `hub/` and `launcher/` bear the names of the packages inside them: pytest would take the folder for the
package unless the package is there first.
"""

import contextlib
import importlib

for _package in ("hub", "launcher"):
    with contextlib.suppress(ImportError):
        importlib.import_module(_package)
