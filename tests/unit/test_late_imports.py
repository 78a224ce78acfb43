"""What a library does to the process while it is imported does not outlive the import."""

from __future__ import annotations

import subprocess
import sys

_SIGN_THEN_READ = """
import asyncio, sys
from kayen_desktop.keys.signer import throwaway_signer
from kayen_desktop.domain.errors import RemoteProtocolError
from kayen_desktop.protocol.clearport import codec as clearport
from kayen_desktop.protocol.finex import codec as finex
limit = sys.getrecursionlimit()
asyncio.run(throwaway_signer())
assert sys.getrecursionlimit() == limit, sys.getrecursionlimit()
for decode, frame in (
    (finex.decode, '[3,"x",' + "[" * 1_000_000),
    (clearport.decode, '{"event":"positions","data":' + '{"a":' * 1_000_000),
):
    try:
        decode(frame)
    except RemoteProtocolError as error:
        print(error)
"""


def test_a_deeply_nested_frame_is_refused_in_words_also_after_the_key_is_loaded() -> None:
    """A raised recursion limit would let it overflow the stack and kill the process."""
    told = subprocess.run(
        [sys.executable, "-c", _SIGN_THEN_READ], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert len(told.stdout.splitlines()) == 2


def test_what_a_thread_imports_defines_no_class_of_qt() -> None:
    """PySide's tables of classes have no lock: on a thread, such a class is a crash to come."""
    program = """
from PySide6.QtCore import QObject
from kayen_desktop import application

def ours(kind):
    below = {each for one in kind.__subclasses__() for each in ({one} | ours(one))}
    return {each for each in below if each.__module__.startswith("kayen_desktop")}

from kayen_desktop.late_imports import import_late
from kayen_desktop.ui.views import desk, desk_actions
before = ours(QObject)
for module in application.LATE_IMPORTS:
    import_late(module)
print(*(f"{each.__module__}.{each.__qualname__}" for each in ours(QObject) - before))
for module in application.WINDOW_IMPORTS:
    import_late(module)
print(len(ours(QObject) - before))
"""
    run = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, check=True, text=True
    )
    on_threads, on_the_window = run.stdout.splitlines()
    assert on_threads == ""
    assert int(on_the_window) > 0
