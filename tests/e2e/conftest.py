"""A screen for all tests of the window, and pictures of it where one fails."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .screen import Screen, find_missing_tool, is_linux, open_screen
from .trader import Trader, trading

_PICTURES = Path(__file__).parents[2] / "build" / "e2e"


@pytest.fixture(scope="session")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """Return the screen that every window of these tests is on."""
    if not is_linux():
        pytest.skip("These tests need an X server; this system has none.")
    if problem := find_missing_tool():
        pytest.fail(problem, pytrace=False)
    with open_screen(tmp_path_factory.mktemp("screen")) as opened:
        yield opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Take a picture the moment a test fails, while its windows are still there."""
    try:
        yield
    except BaseException:
        screen = item.funcargs.get("screen") if isinstance(item, pytest.Function) else None
        if isinstance(screen, Screen):
            screen.save_picture(_PICTURES / f"{item.name}.png")
        raise


@pytest.fixture
def sit_before(screen: Screen, tmp_path: Path) -> Iterator[Callable[..., Trader]]:
    """Return what starts the application with these arguments and a trader before it."""
    with ExitStack() as stack:

        def start(*arguments: str) -> Trader:
            data = ("--data-dir", str(tmp_path / "data"))
            return stack.enter_context(trading(screen, *arguments, *data))

        yield start
