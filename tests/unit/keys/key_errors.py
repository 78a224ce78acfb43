"""What every refusal of a key must be: a sentence for a person, and nothing of what was typed."""

from __future__ import annotations

import re
import traceback

from kayen_desktop.domain.errors import KeyInputError, KeyProblemKind
from kayen_desktop.keys.recovery_phrase import is_word
from kayen_desktop.ui.notices.keys import key_problem_text

_RAW = re.compile(r"None|Error|Exception|Traceback|Errno|msgspec|dict|int\b|[{}\[\]]|\bb'|0x")


def is_told_well(error: KeyInputError) -> None:
    """Fail where the sentence is none, or where the error holds more than counts and list words."""
    text = key_problem_text(error)
    assert text[0].isupper(), text
    assert text[-1] in ".?", text
    assert not _RAW.search(text), text
    assert "  " not in text
    assert "\n" not in text
    assert set(vars(error)) == {"kind", "position", "found", "hints"}
    assert isinstance(error.kind, KeyProblemKind)
    assert isinstance(error.position, int)
    assert isinstance(error.found, int)
    assert len(error.hints) <= 3
    assert all(is_word(hint) for hint in error.hints)
    assert error.args == (f"This can't be used: {error.kind.value.replace('_', ' ')}.",)


def shows_nothing_of(error: BaseException, *canaries: str) -> None:
    """Fail where a canary is in the error, in its printed form or in any error behind it."""
    printed = "".join(traceback.format_exception(error))
    seen = [printed, repr(error), repr(vars(error))]
    behind = error.__cause__
    while behind is not None:
        seen.append(repr(behind))
        behind = behind.__cause__ or behind.__context__
    for canary in canaries:
        assert not any(canary in text for text in seen)
