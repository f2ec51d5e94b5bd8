"""What tests share: projects to run, and ways to read a cluster."""

import os
import pkgutil

import pytest

pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # else grpc tells on stderr of each server that a test has stopped
