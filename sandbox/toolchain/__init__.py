"""Builds the sandbox's Go tools from published modules, once per user and set of pins.

`families.py` says what, `golang.py` with which Go, `build.py` how.
"""

from sandbox.toolchain.build import ensure
from sandbox.toolchain.families import FAMILIES, Family, wanted_kubernetes

__all__ = ["FAMILIES", "Family", "ensure", "wanted_kubernetes"]
