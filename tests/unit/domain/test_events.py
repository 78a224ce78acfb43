"""Every fact is frozen and belongs to the one union that the state takes in."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from inspect import getmembers, isclass
from typing import get_args

import pytest

from kayen_desktop.domain import events
from kayen_desktop.domain.signatures import SigningPurpose


def test_every_fact_of_the_module_is_in_the_union() -> None:
    facts = {
        fact
        for _, fact in getmembers(events, isclass)
        if fact.__module__ == events.__name__ and is_dataclass(fact)
    }
    assert facts == set(get_args(events.Event))


@pytest.mark.parametrize("fact", [fact for fact in get_args(events.Event) if fields(fact)])
def test_a_fact_can_not_be_changed_afterwards(fact: type[events.BookLost]) -> None:
    with pytest.raises(FrozenInstanceError):
        delattr(fact.__new__(fact), fields(fact)[0].name)


def test_only_the_challenge_is_ever_signed() -> None:
    assert list(SigningPurpose) == [SigningPurpose.CLEARPORT_CHALLENGE]
