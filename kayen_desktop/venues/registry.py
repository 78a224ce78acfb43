"""The networks the application knows: where their servers are and which brokers are pinned."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import msgspec

from kayen_desktop.domain.channels import Broker
from kayen_desktop.domain.errors import SettingsError
from kayen_desktop.resources import resource_path


@dataclass(frozen=True, slots=True)
class Network:
    """One place to trade; the URLs are None where they are known only once it has started."""

    name: str
    source: str
    quote: str
    chain_id: int
    clearport_url: str | None
    finex_url: str | None
    brokers: tuple[Broker, ...]
    taker_fee: Decimal | None = None
    maker_fee: Decimal | None = None


@cache
def load_network(name: str) -> Network:
    """Return the shipped network ("kayen", "practice"); its file is read once.

    Raises:
        SettingsError: it is not shipped, or its file is damaged.
    """
    try:
        text = resource_path("networks", f"{name}.json").read_bytes()
        return msgspec.json.decode(text, type=Network)
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingsError(
            f"The description of the network {name!r} can't be read. Install the app again."
        ) from error
