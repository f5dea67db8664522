"""Contract suites: what each adapter of a port must do. Their assertions explain themselves as a test file's do."""

import pytest

pytest.register_assert_rewrite("tests.contracts.sender")
