"""The shipped networks hold what the documents say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kayen_desktop.domain.errors import SettingsError
from kayen_desktop.venues.registry import load_network


def test_kayen_is_pinned_as_the_walkthrough_has_it() -> None:
    kayen = load_network("kayen")
    assert (kayen.clearport_url, kayen.finex_url) == ("wss://port-a.kayen.io", "wss://kayen.io/ws")
    assert [each.address for each in kayen.brokers] == [
        "0x269F993271D845efBc7298d9EbC2be557Cc5284e"
    ]
    package = kayen.brokers[0].packages[0]
    assert (package.minimum, package.maximum) == (Decimal(5), Decimal(10))


def test_practice_has_no_fixed_address() -> None:
    practice = load_network("practice")
    assert practice.clearport_url is None
    assert practice.finex_url is None
    assert all(broker.packages for broker in practice.brokers)


def test_a_network_that_is_not_shipped_is_a_sentence() -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        load_network("atlantis")
