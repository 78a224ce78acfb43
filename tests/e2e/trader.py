"""A trader who sees the application only through a screen reader and uses only the keyboard."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .screen import SYSTEM_PYTHON, Screen
from .window_manager import WindowManager

WITHIN_S = 15.0
_STOP_S = 10
_PROGRAMS = Path(sys.executable).parent
_READER = Path(__file__).with_name("reader.py")


@dataclass(frozen=True, slots=True)
class Control:
    """What a screen reader says of one control."""

    name: str
    called: str
    description: str
    role: str
    states: Sequence[str]
    text: str

    @property
    def words(self) -> str:
        """Everything that is read out."""
        return "\n".join(part for part in (self.called, self.description) if part)


class Trader:
    """Sits before one running application.

    A control is meant by its stable ``name``, or by what it is ``called``; each step waits for
    what it needs, and fails with a sentence where that does not come.
    """

    def __init__(
        self,
        app: subprocess.Popen[str],
        reader: subprocess.Popen[str],
        windows: WindowManager,
        screen: Screen,
    ) -> None:
        self._app = app
        self._reader = reader
        self._windows = windows
        self._screen = screen

    # What is seen

    def sees(self, name: str = "", *, called: str = "", says: str = "") -> Control:
        """Wait for the control, and until its words hold what it should say."""
        return Control(**self._ask("see", name=name, called=called, says=says))

    def sees_no(self, name: str = "", *, called: str = "") -> None:
        """Wait until no such control is on the screen."""
        self._ask("miss", name=name, called=called)

    def reads_rows(self, table: str, at_least: int = 1) -> list[list[str]]:
        """Wait for the rows of a table and return what their cells say."""
        rows: list[list[str]] = self._ask("rows", name=table, at_least=at_least)
        return rows

    def sees_keyboard_on(self, name: str) -> Control:
        """Wait until the keyboard is on the control of the window in front."""
        self.sees(name)
        self._windows.focus_front()
        return Control(**self._ask("see", name=name, states=["FOCUSED"]))

    def sees_usable(self, name: str) -> Control:
        """Wait until the control can be used."""
        return Control(**self._ask("see", name=name, states=["ENABLED"]))

    def sees_all(self, name: str = "", *, states: Sequence[str] = ()) -> list[Control]:
        """Return every control on the screen with the name and in the states, without waiting."""
        return [Control(**each) for each in self._ask("all", name=name, states=states)]

    def reads_everything(self) -> str:
        """Return all words that a program may read of the application, hidden ones, too."""
        return "\n".join(self._ask("everything"))

    def hears(self, says: str) -> str:
        """Wait until the application speaks up with these words, wherever the keyboard is."""
        return str(self._ask("hear", says=says))

    def takes_picture(self, path: Path) -> None:
        """Save what is on the screen."""
        self._screen.save_picture(path)

    # What is done

    def presses(self, name: str = "", *, called: str = "", role: str = "") -> None:
        """Press the button or tab, once it can be pressed."""
        self._ask("press", name=name, called=called, role=role)

    def goes_to(self, name: str) -> None:
        """Put the keyboard on the control."""
        self.sees(name)
        self._windows.focus_front()
        self._ask("focus", name=name)

    def hits(self, *keys: str) -> None:
        """Hit these keys ("Tab", "Ctrl+L"), one after the other, in the window in front."""
        self._windows.focus_front()
        for key in keys:
            self._ask("key", key=key)

    def types(self, letters: str) -> None:
        """Type on the keyboard, in the window in front."""
        self._windows.focus_front()
        self._ask("type", letters=letters)

    def closes_window(self) -> None:
        """Press the close button of the window in front."""
        self._windows.press_close_button()

    def waits_for_end(self, within_s: float) -> int:
        """Wait until the application has ended and return its exit code."""
        return self._app.wait(within_s)

    @property
    def complaints(self) -> str:
        """What the application wrote to its standard error, once it has ended."""
        return self._app.stderr.read() if self._app.stderr is not None else ""

    def _ask(self, do: str, **want: Any) -> Any:
        if self._reader.stdin is None or self._reader.stdout is None:
            raise AssertionError("the reader has no ears")
        self._reader.stdin.write(json.dumps({"do": do, "within_s": WITHIN_S, **want}) + "\n")
        self._reader.stdin.flush()
        line = self._reader.stdout.readline()
        if not line:
            raise AssertionError("The screen reader has stopped.")
        answer = json.loads(line)
        if "problem" in answer:
            code = self._app.poll()
            ended = "" if code is None else f" It has ended with {code}:\n{self.complaints}"
            raise AssertionError(answer["problem"] + ended)
        return answer["answer"]


@contextmanager
def started(program: str, *arguments: str, screen: Screen) -> Iterator[subprocess.Popen[str]]:
    """Run one of the project's programs until the block ends."""
    process = subprocess.Popen(
        (str(_PROGRAMS / program), *arguments),
        env=screen.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def trading(screen: Screen, *arguments: str) -> Iterator[Trader]:
    """Run the application with a trader before it until the block ends."""
    windows = WindowManager(screen.display)
    try:
        with started("kayen-desktop", *arguments, screen=screen) as app:
            # -W: the bindings of the bus complain about their own names.
            command = (SYSTEM_PYTHON, "-W", "ignore", str(_READER), str(app.pid))
            with subprocess.Popen(
                command,
                env=screen.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as reader:
                try:
                    yield Trader(app, reader, windows, screen)
                finally:
                    reader.terminate()
    finally:
        windows.close()
