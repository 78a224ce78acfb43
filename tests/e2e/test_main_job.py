"""The main job, by keyboard and by ear."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from .trader import Trader

AMOUNT = "108506.94444444"


def test_a_trader_opens_buys_closes_and_gets_the_money_back(
    sit_before: Callable[..., Trader],
) -> None:
    trader = sit_before("--practice")
    trader.sees("practiceBanner", says="no real money")
    open_account(trader, "10")
    buy(trader)

    trader.hears("The venue has your order: Buy 108,506.94444444 PEPE")
    (position,) = trader.reads_rows("positionsView")
    assert position[:2] == ["PEPE/USD", "Buy"]
    assert "108,506.94444444" in position

    trader.goes_to("positionsView")
    trader.hits("Down")
    trader.goes_to("closePositionButton")
    trader.hits("space")
    trader.sees("confirmButton", says="Sell 108,506.94444444 PEPE now")
    trader.hits("Return")
    trader.sees_no("closePositionDialog")
    trader.sees(called="No open positions. Buy or sell with the order ticket to open one.")

    trader.presses(called="Channels", role="page tab")
    trader.goes_to("closeChannelButton")
    trader.hits("space")
    trader.sees("closeChannelHeadline")
    trader.goes_to("confirmButton")
    trader.hits("Return")
    trader.sees("closeChannelHeadline", says="The account is closed")
    receipt = facts(trader)
    assert receipt["You deposited"] == Decimal(10)
    assert receipt["You get back"] == (
        receipt["You deposited"] + receipt["Result of your trades"] + receipt["Fees"]
    )
    trader.hits("Return")
    trader.sees_no("closeChannelDialog")
    trader.sees("marginGauge", says="No margin account")


def test_the_close_button_ends_the_program_in_order_with_an_account_open(
    sit_before: Callable[..., Trader], tmp_path: Path
) -> None:
    trader = sit_before("--practice")
    open_account(trader, "10")
    buy(trader)
    trader.reads_rows("positionsView")
    trader.closes_window()
    assert trader.waits_for_end(within_s=5) == 0
    assert trader.complaints == ""
    with closing(sqlite3.connect(tmp_path / "data" / "practice" / "journal.sqlite3")) as journal:
        outcomes = journal.execute("SELECT outcome FROM intents ORDER BY created_at").fetchall()
    assert outcomes == [("confirmed",), ("confirmed",)]


def open_account(trader: Trader, deposit: str, passphrase: str = "") -> None:
    """Go through the wizard by keyboard alone, until the account can be traded on."""
    trader.sees("clearportStatus", says="Connected")
    trader.goes_to("openAccountButton")
    trader.hits("space")
    trader.sees("brokerList")
    trader.hits("Return")
    trader.sees("marginDepositEdit")
    trader.types(deposit)  # in place of the suggestion, which is selected
    trader.hits("Return")
    trader.sees("openChannelButton")
    trader.hits("Return")
    if passphrase:
        trader.sees("passphraseDialog")
        trader.sees_keyboard_on("passphraseEdit")
        trader.types(passphrase)
        trader.hits("Return")
    trader.sees("startTradingButton")
    trader.hits("Return")
    trader.sees_no("openChannelWizard")
    trader.sees("finexStatus", says="signed in")


def buy(trader: Trader) -> None:
    """Type an order into the ticket, hear what it costs, and send it with Enter."""
    trader.goes_to("amountEdit")
    trader.types(AMOUNT)
    trader.sees("estimateLabel", says="You pay about")
    trader.sees("submitOrderButton", says="Buy PEPE")
    trader.hits("Return")


def facts(trader: Trader) -> dict[str, Decimal]:
    """Return the figures of money that are read out, by their labels."""
    read: dict[str, Decimal] = {}
    for control in trader.sees_all("factValue"):
        label, _, value = control.called.partition(": ")
        if value.endswith(" USD"):
            read[label] = Decimal(value.removesuffix(" USD").replace("−", "-").replace(",", ""))
    return read
