"""What holds for every test."""

import pytest
from hypothesis import settings

# Machines are shared: how long an example takes says nothing about the code.
settings.register_profile("ours", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=25)


def pytest_configure(config: pytest.Config) -> None:
    """Try a quarter of the examples where the slow tests are left out."""
    settings.load_profile("quick" if config.option.markexpr == "not slow" else "ours")
