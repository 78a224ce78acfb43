"""Reads and uses an application as a screen reader does: through the accessibility bus alone.

The system's own Python runs this file, because the bindings of the bus come with the system. It
takes one request a line on its input and gives one answer a line on its output, both JSON, and
imports nothing of the project.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

GLib: Any
Atspi: Any

LOOK_EVERY_MS = 50
# Cells and items are read through their table or list; windows hold hundreds of them.
CLOSED_ROLES = frozenset({"table", "tree table", "list"})
STATES = ("SHOWING", "ENABLED", "FOCUSABLE", "FOCUSED", "CHECKED", "SELECTED")
KEYS = {
    "Tab": 0xFF09,
    "Return": 0xFF0D,
    "Escape": 0xFF1B,
    "Home": 0xFF50,
    "Left": 0xFF51,
    "Up": 0xFF52,
    "Right": 0xFF53,
    "Down": 0xFF54,
    "space": 0x20,
}
CONTROL_CODE = 37  # of the left Control key, on the keyboard that every X server has at first


class NotSeenError(Exception):
    """What was looked for has not come true in time."""


def load_bindings() -> None:
    """Import the bindings of the accessibility bus."""
    global GLib, Atspi
    gi = importlib.import_module("gi")
    gi.require_version("Atspi", "2.0")
    GLib = importlib.import_module("gi.repository.GLib")
    Atspi = importlib.import_module("gi.repository.Atspi")


class Reader:
    """Eyes and hands for the application that runs as this process."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._app: Any = None
        self._met: dict[str, Any] = {}  # where a name was last, to look there first
        self._said: list[str] = []
        self._listener = Atspi.EventListener.new(self._on_announcement)
        self._listener.register("object:announcement")

    # What can be asked

    def see(self, want: dict[str, Any]) -> dict[str, Any]:
        """Wait until a control that answers the description is on the screen."""
        node = self._await(lambda: self._find(want), want)
        return self._facts(node)

    def miss(self, want: dict[str, Any]) -> None:
        """Wait until no control on the screen answers the description any more."""
        self._await(lambda: self._find(want) is None, want)

    def hear(self, want: dict[str, Any]) -> str:
        """Wait until the application has said the words by itself; return all that it said."""
        said = self._await(lambda: [each for each in self._said if want["says"] in each], want)
        return str(said[0])

    def press(self, want: dict[str, Any]) -> None:
        """Wait until the control can be used, and do what it does when pressed."""
        node = self._await(lambda: self._find({**want, "states": ["ENABLED"]}), want)
        for index in range(Atspi.Action.get_n_actions(node)):
            if Atspi.Action.get_action_name(node, index) == want.get("action", "Press"):
                Atspi.Action.do_action(node, index)
                return
        raise NotSeenError(f"{want} can't be pressed.")

    def focus(self, want: dict[str, Any]) -> None:
        """Put the keyboard on the control."""
        node = self._await(lambda: self._find({**want, "states": ["ENABLED"]}), want)
        Atspi.Component.grab_focus(node)
        self._await(lambda: "FOCUSED" in _states(node), want)

    def key(self, want: dict[str, Any]) -> None:
        """Press one key of the keyboard and let it go, a letter together with Control."""
        key = want["key"]
        if key in KEYS:
            Atspi.generate_keyboard_event(KEYS[key], None, Atspi.KeySynthType.SYM)
            return
        letter = ord(key.removeprefix("Ctrl+").lower())
        Atspi.generate_keyboard_event(CONTROL_CODE, None, Atspi.KeySynthType.PRESS)
        Atspi.generate_keyboard_event(letter, None, Atspi.KeySynthType.SYM)
        Atspi.generate_keyboard_event(CONTROL_CODE, None, Atspi.KeySynthType.RELEASE)

    def type(self, want: dict[str, Any]) -> None:
        """Type the text on the keyboard."""
        for letter in want["letters"]:
            Atspi.generate_keyboard_event(ord(letter), None, Atspi.KeySynthType.SYM)

    def rows(self, want: dict[str, Any]) -> list[list[str]]:
        """Wait until the table has as many rows as asked for, and return what its cells say."""
        table = self._await(lambda: self._find(want), want)
        self._await(lambda: Atspi.Table.get_n_rows(table) >= want["at_least"], want)
        columns = range(Atspi.Table.get_n_columns(table))
        return [
            [Atspi.Table.get_accessible_at(table, row, column).get_name() for column in columns]
            for row in range(Atspi.Table.get_n_rows(table))
        ]

    def all(self, want: dict[str, Any]) -> list[dict[str, Any]]:
        """Return every control on the screen that answers the description, but no cells."""
        return [self._facts(node) for node in self._walk() if self._answers(node, want)]

    def everything(self, want: dict[str, Any]) -> list[str]:
        """Return every word that any program may read of the application, shown or not."""
        words: list[str] = []
        pending = _children(self._application())
        while pending:
            node = pending.pop()
            try:
                words += (node.get_name(), node.get_description(), _text(node))
                pending += _children(node)
            except GLib.Error:
                continue  # it went away while it was read
        return [each for each in words if each]

    # How it is found out

    def _on_announcement(self, event: Any) -> None:
        self._said.append(str(event.any_data))

    def _await(self, is_true: Callable[[], Any], want: dict[str, Any]) -> Any:
        """Return what the function returns once that is true; look again at every beat."""
        found = self._glance(is_true)
        if found:
            return found
        loop = GLib.MainLoop()
        answers: list[Any] = []

        def look() -> bool:
            answer = self._glance(is_true)
            if answer:
                answers.append(answer)
                loop.quit()
            return not answers

        looking = GLib.timeout_add(LOOK_EVERY_MS, look)
        stopping = GLib.timeout_add(int(want["within_s"] * 1000), loop.quit)
        loop.run()
        for source in (looking, stopping):
            if GLib.MainContext.default().find_source_by_id(source) is not None:
                GLib.source_remove(source)
        if not answers:
            asked = {key: value for key, value in want.items() if value and key != "within_s"}
            raise NotSeenError(f"Waited {want['within_s']} s in vain for {asked}.")
        return answers[0]

    def _glance(self, is_true: Callable[[], Any]) -> Any:
        try:
            return is_true()
        except GLib.Error:
            return None  # the control went away while it was looked at

    def _find(self, want: dict[str, Any]) -> Any:
        name = want.get("name", "")
        known = self._met.get(name)
        if known is not None and self._glance(lambda: self._is_still(known, want)):
            return known
        return next((node for node in self._walk() if self._answers(node, want)), None)

    def _is_still(self, node: Any, want: dict[str, Any]) -> bool:
        return _is_shown(node) and self._answers(node, want)

    def _answers(self, node: Any, want: dict[str, Any]) -> bool:
        """Return whether the control is the one that is meant, and is as it should be."""
        if want.get("name") and self._meet(node) != want["name"]:
            return False
        if want.get("called") and node.get_name() != want["called"]:
            return False
        if want.get("role") and node.get_role_name() != want["role"]:
            return False
        words = f"{node.get_name()}\n{node.get_description()}"
        if want.get("says", "") not in words:
            return False
        return set(want.get("states", ())) <= set(_states(node))

    def _meet(self, node: Any) -> str:
        """Return the stable name of the control, and remember where it is."""
        name = _last(node.get_accessible_id())
        self._met[name] = node
        return name

    def _walk(self) -> Iterator[Any]:
        """Yield every control of the window in front, each before those inside it.

        Windows behind a dialog can't be used while it is there, so they are not looked at.
        """
        app = self._application()
        pending = [] if app is None else [each for each in _children(app) if _is_shown(each)][-1:]
        while pending:
            node = pending.pop(0)
            if not _is_shown(node):
                continue
            yield node
            if node.get_role_name() not in CLOSED_ROLES:
                pending[:0] = _children(node)

    def _application(self) -> Any:
        if self._app is None:
            for app in _children(Atspi.get_desktop(0)):
                if app.get_process_id() == self._pid:
                    app.set_cache_mask(Atspi.Cache.NONE)  # always what is, never what was
                    self._app = app
        return self._app

    def _facts(self, node: Any) -> dict[str, Any]:
        return {
            "name": _last(node.get_accessible_id()),
            "called": node.get_name(),
            "description": node.get_description(),
            "role": node.get_role_name(),
            "states": _states(node),
            "text": _text(node),
        }


def _children(node: Any) -> list[Any]:
    found = (node.get_child_at_index(index) for index in range(node.get_child_count()))
    return [child for child in found if child is not None]


def _states(node: Any) -> list[str]:
    held = node.get_state_set()
    return [state for state in STATES if held.contains(getattr(Atspi.StateType, state))]


def _is_shown(node: Any) -> bool:
    return "SHOWING" in _states(node)


def _last(identifier: str) -> str:
    """Return the object's own name: Qt puts those of all its parents before it."""
    return (identifier or "").rpartition(".")[2]


def _text(node: Any) -> str:
    if "Text" not in node.get_interfaces():
        return ""
    return str(Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node)))


def main() -> None:
    """Answer requests until the input ends; the first names the process to look at."""
    load_bindings()
    reader = Reader(int(sys.argv[1]))
    for line in sys.stdin:
        want = json.loads(line)
        answer: dict[str, Any]
        try:
            answer = {"answer": getattr(reader, want.pop("do"))(want)}
        except (NotSeenError, GLib.Error) as error:
            answer = {"problem": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
