"""What holds for every test: nothing is timed, and nothing promised is skipped on CI."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Generator

ON_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}
NOT_PROMISED = "not promised:"

settings.register_profile("attn_widgets", deadline=None, print_blob=True, derandomize=ON_CI)
settings.load_profile("attn_widgets")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _judge(report, item.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        _judge(report, collector.nodeid)
    return report


def _judge(report: pytest.TestReport | pytest.CollectReport, where: str) -> None:
    """Turn a skip into a failure on CI, unless its reason begins with ``not promised:``."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if ON_CI and not reason.startswith(NOT_PROMISED):
        report.outcome = "failed"
        report.longrepr = (
            f"{where} was skipped on CI: {reason!r}. Mend what it lacks, or begin the reason with "
            f"{NOT_PROMISED!r} if no one was promised it"
        )
