"""What the window says to those who hear it, and where the Tab key leads."""

from __future__ import annotations

from collections.abc import Callable

from .trader import Control, Trader

_FEWEST = 3  # buttons and fields of the smallest page


def test_every_control_says_what_it_is(sit_before: Callable[..., Trader]) -> None:
    trader = sit_before("--practice")
    trader.sees("finexStatus", says="Connected")
    assert _nameless(trader) == []
    trader.presses("openAccountButton")
    trader.sees("brokerList")
    assert _nameless(trader) == []
    for page in ("marginDepositEdit", "openChannelButton"):
        trader.presses("nextButton")
        trader.sees(page)
        assert _nameless(trader) == []


def test_figures_are_read_out_with_what_they_are(sit_before: Callable[..., Trader]) -> None:
    trader = sit_before("--practice")
    trader.sees(says="Last price: 0.0000")
    trader.sees(says="Change in 24 hours: ")
    trader.sees("marketCombo", says="The market to trade in")
    trader.sees("typeCombo", says="Order type. Trades at once")
    trader.sees("unitCombo", says="The unit of the amount")
    tabs = trader.sees_all("qt_tabwidget_tabbar", states=["ENABLED"])
    assert "Balances" not in [tab.called for tab in tabs]  # there are none to show yet
    trader.sees("ticketProblemLabel", says="What to change: No margin account is ready")


def test_the_tab_key_leads_from_the_markets_to_the_ticket(
    sit_before: Callable[..., Trader],
) -> None:
    trader = sit_before("--practice")
    trader.sees("finexStatus", says="Connected")
    _leads_through(
        trader,
        "marketsView",
        "period1mButton",
        "chartView",
        "qt_tabwidget_tabbar",
        "openAccountButton",
        "qt_tabwidget_tabbar",
        "bookView",
        "sideBuyButton",
        "marketCombo",
        "typeCombo",
        "amountEdit",
        "unitCombo",
        "percent25Button",
    )


def test_the_tab_key_leads_down_each_page_of_the_wizard(sit_before: Callable[..., Trader]) -> None:
    trader = sit_before("--practice")
    trader.sees("clearportStatus", says="signed in")
    trader.presses("openAccountButton")
    trader.sees("brokerList")
    _leads_through(trader, "brokerList", "copyButton", "cancelButton", "nextButton", "brokerList")
    trader.presses("nextButton")
    trader.sees("marginDepositEdit")
    _leads_through(trader, "marginDepositEdit", "cancelButton", "backButton", "nextButton")
    trader.hits("Escape")
    trader.sees_no("openChannelWizard")


def test_a_favourite_is_made_by_keyboard(sit_before: Callable[..., Trader]) -> None:
    trader = sit_before("--practice")
    trader.goes_to("marketsView")
    assert trader.reads_rows("marketsView", at_least=15)[0][:2] == ["not a favourite", "BADGER/USD"]
    trader.hits("Up", "space")
    rows = trader.reads_rows("marketsView")
    assert [row[1] for row in rows if row[0] == "favourite"] == [rows[0][1]]


def _nameless(trader: Trader) -> list[Control]:
    """Return what the keyboard can reach and a screen reader has no words for."""
    reachable = trader.sees_all(states=["FOCUSABLE"])
    assert len(reachable) >= _FEWEST
    return [control for control in reachable if not control.called]


def _leads_through(trader: Trader, first: str, *names: str) -> None:
    """Check that the Tab key leads from one control to the next."""
    trader.goes_to(first)
    for name in names:
        trader.hits("Tab")
        trader.sees_keyboard_on(name)
