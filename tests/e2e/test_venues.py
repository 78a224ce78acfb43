"""The application beside a venue that is a program of its own."""

from __future__ import annotations

from collections.abc import Callable

from .practice import venue_running
from .screen import Screen
from .trader import Trader


def test_the_application_speaks_to_the_addresses_it_is_given(
    screen: Screen, sit_before: Callable[..., Trader]
) -> None:
    with venue_running(screen) as venue:
        trader = sit_before(*venue.as_options, "--throwaway-key")
        trader.sees("clearportStatus", says="Connected to Clearport and signed in.")
        trader.sees("finexStatus", says="Connected to Finex for prices.")
        assert trader.reads_rows("marketsView", at_least=15)
        trader.sees_no("practiceBanner")
        trader.sees(called="Venue: 127.0.0.1")
        trader.closes_window()
        assert trader.waits_for_end(within_s=5) == 0


def test_a_venue_that_dies_is_said_in_words_and_found_again(
    screen: Screen, sit_before: Callable[..., Trader]
) -> None:
    with venue_running(screen) as venue:
        trader = sit_before(*venue.as_options, "--throwaway-key")
        trader.sees("clearportStatus", says="signed in")
        trader.sees("finexStatus", says="for prices")
        venue.kill_at_once()
        trader.sees("clearportStatus", says="Clearport can't be reached now.")
        trader.sees("finexStatus", says="Finex can't be reached now.")
        trader.sees("finexStatus", says="Finex: Reconnecting…")
        with venue_running(screen, venue.port):
            trader.sees("clearportStatus", says="Connected to Clearport and signed in.")
            trader.sees("finexStatus", says="Connected to Finex for prices.")
            trader.closes_window()
            assert trader.waits_for_end(within_s=5) == 0
