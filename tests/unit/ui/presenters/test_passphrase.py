"""Trying a passphrase, and what is wrong with a new one, once there is enough to say so."""

from __future__ import annotations

import asyncio

from kayen_desktop.ui.async_bridge import AsyncBridge
from kayen_desktop.ui.notices.keys import NOUN_FOR_FILES
from kayen_desktop.ui.presenters.passphrase import (
    TryPresenter,
    TryScreen,
    new_passphrase_problem,
)


def test_problems_are_told_once_there_is_enough_to_say_so() -> None:
    assert new_passphrase_problem("", "", is_enough=False) == ""
    assert new_passphrase_problem("abc", "", is_enough=False) == ""
    assert new_passphrase_problem("abc", "ab", is_enough=True) == ""
    assert "not the same" in new_passphrase_problem("abc", "abd", is_enough=True)
    assert "not the same" in new_passphrase_problem("abc", "abcd", is_enough=True)
    assert "easy to guess" in new_passphrase_problem("abc", "abc", is_enough=False)
    assert new_passphrase_problem("abc", "abc", is_enough=True) == ""


def test_the_password_of_a_file_is_called_a_password() -> None:
    differ = new_passphrase_problem("abc", "abd", is_enough=True, noun=NOUN_FOR_FILES)
    assert differ == "The two passwords are not the same. Type both again."
    weak = new_passphrase_problem("abc", "abc", is_enough=False, noun=NOUN_FOR_FILES)
    assert weak.startswith("This password is too easy to guess.")


class View:
    """Keeps the last screen it was shown."""

    def __init__(self) -> None:
        self.screen: TryScreen | None = None

    def show_screen(self, screen: TryScreen) -> None:
        self.screen = screen

    def ask_again(self) -> None:
        raise AssertionError("nothing was found to be wrong with what was typed")

    def finish(self, passphrase: str) -> None:
        raise AssertionError("it was not found to be right")


async def test_after_an_error_that_nobody_expects_one_can_try_again() -> None:
    crashed: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    async def fail(passphrase: str) -> None:
        raise ArithmeticError

    view = View()
    presenter = TryPresenter(fail, AsyncBridge(crashed.set_result), view)
    presenter.submit("seven harbours at low tide")
    assert presenter.is_trying
    assert isinstance(await crashed, ArithmeticError)
    assert not presenter.is_trying
    assert view.screen == TryScreen(problem="", pause="", progress="", can_try=True)
