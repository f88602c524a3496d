"""What the tests of explanations share."""

from __future__ import annotations

import pytest
from helpers.explained import CASES


@pytest.fixture(params=CASES, scope="session")
def case(request):
    """Return a function that makes a case anew."""
    return CASES[request.param]


@pytest.fixture(scope="session")
def explanation(case):
    return case().explain()
