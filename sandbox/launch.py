"""Runs a module of this checkout for a program that knows nothing of the checkout, such as the Pulumi engine.

    python -P <checkout>/sandbox/launch.py sandbox.language_host ARGS...

The language host runs users' programs in its own process and starts others, so the checkout must not stay on
their import path. A PYTHONPATH would be inherited by every child; this is not: the checkout is on `sys.path` only
while the package `sandbox` is imported, whose submodules are found through the package from then on. `-P` keeps
the current folder and this file's off the path.
"""

import importlib
import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    module = sys.argv.pop(1)
    root = str(Path(__file__).resolve().parent.parent)
    sys.path.insert(0, root)
    importlib.import_module(module.partition(".")[0])
    sys.path.remove(root)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
