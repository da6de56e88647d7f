"""What every test may count on, however the suite was started; and what was not tested.

A test that needs what a machine may lack (a browser, a database, a card, an extra of this package)
skips itself with "needs WHAT: how to get it". The end of a run tells each of these in one line;
`--need WHAT` makes it a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A suite started with `&` by a script ignores Ctrl-C, and so would each program it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Nothing is fetched unasked: not by this process, nor by any command that a test starts.
os.environ["STORYBOARD_OFFLINE"] = "1"

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, with no window. Pages emulate devices: `new_page(viewport=…)`."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("needs a browser: apt install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        # A microphone of its own, which beeps.
        microphone = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        opened = playwright.chromium.launch(executable_path=program, args=microphone)
        yield opened
        opened.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--need",
        action="append",
        default=[],
        metavar="WHAT",
        help="fail where a test is skipped for want of this (as in 'needs a browser: …')",
    )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for reason, count in sorted(_skipped(terminalreporter).items()):
        tests = "1 test" if count == 1 else f"{count} tests"
        terminalreporter.write_line(f"{tests} skipped: {reason}", yellow=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    wanted = session.config.getoption("--need")
    if reporter is None or not wanted:
        return
    if any(needed in reason for reason in _skipped(reporter) for needed in wanted):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _skipped(reporter: Any) -> Counter[str]:
    """Reason → how many tests (a module that skips itself counts as one)."""
    found: Counter[str] = Counter()
    for report in reporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        if missing := re.match(r"could not import '([\w.]+)'", reason):
            package = missing[1].partition(".")[0]
            reason = f"needs {package}: pip install -e '.[dev]'"
        found[reason] += 1
    return found
