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
