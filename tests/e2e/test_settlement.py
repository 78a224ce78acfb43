"""Settling, asking what prices could do, and going home, by keyboard and by ear."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from .test_main_job import buy, facts, open_account
from .trader import Trader

_PEPE, _ETH = "PEPE/USD", "ETH/USD"
_STATES = (
    "proposed", "accepted", "initiated", "prepared", "executed", "completed", "withdrawn",
)  # fmt: skip
# Prices move while the figures of a copy are read one by one.
_READINGS = 5


def test_a_trader_settles_one_position_looks_ahead_and_goes_home(
    sit_before: Callable[..., Trader],
) -> None:
    trader = sit_before("--practice")
    open_account(trader, "10")
    buy(trader)
    trader.reads_rows("positionsView")
    buy_ether(trader)
    settle(trader, _PEPE)
    assert [row[0] for row in trader.reads_rows("positionsView")] == [_ETH]
    look_ahead(trader)
    trader.presses(called="Channels", role="page tab")
    read_the_account(trader)
    go_home(trader)
    trader.sees("marginGauge", says="No margin account")
    trader.closes_window()
    assert trader.waits_for_end(within_s=5) == 0
    assert trader.complaints == ""


def buy_ether(trader: Trader) -> None:
    """Turn the ticket to another market with the keyboard, and buy there."""
    trader.goes_to("sideBuyButton")
    trader.hits("Tab")
    trader.sees_keyboard_on("marketCombo")
    trader.types("eth")
    trader.sees("submitOrderButton", says="Buy ETH")
    trader.goes_to("amountEdit")
    trader.types("0.001")
    trader.sees("estimateLabel", says="You pay about")
    trader.sees("riskLabel", says="ETH")
    trader.hits("Return")
    assert {row[0] for row in trader.reads_rows("positionsView", at_least=2)} == {_PEPE, _ETH}


def settle(trader: Trader, market: str) -> None:
    """Settle this market, step by step with Enter, and read the timeline and the receipt."""
    trader.goes_to("settleButton")
    trader.hits("space")
    trader.sees_keyboard_on("settleMarketsList")
    trader.sees("settleMarketsList", says="Choose at least one market.")
    lines = [line for (line,) in trader.reads_rows("settleMarketsList", at_least=2)]
    (position,) = (at for at, line in enumerate(lines) if line.startswith(market))
    assert "Settled alone: " in lines[position]
    trader.hits(*["Down"] * position, "space")
    trader.sees("settleMarginTitle", says="Margin after")
    trader.hits("Return")
    trader.sees_keyboard_on("escrowRadio")
    trader.sees(called="Blockchain: Practice chain (chain id 1337)")
    trader.hits("Return")
    trader.sees_keyboard_on("settleConfirmButton")
    (asked,) = (each for each in trader.sees_all("factValue") if "You settle: " in each.called)
    assert asked.called.endswith("PEPE")
    trader.hits("Return")
    trader.sees("settleHeadline", says="Your markets are settled")
    trader.sees("stepLabel", says="Done: The money is paid out (withdrawn).")
    steps = [each.called for each in trader.sees_all("stepLabel")]
    assert [step.rpartition("(")[2].removesuffix(").") for step in steps] == list(_STATES)
    assert all(step.startswith("Done: ") for step in steps)
    read_the_settlement(trader)
    trader.sees_keyboard_on("doneButton")
    trader.hits("Return")
    trader.sees_no("settleWizard")


def read_the_settlement(trader: Trader) -> None:
    """Check what the receipt says: the wallet gets the result, and the account's balance stays."""
    receipt = facts(trader)
    assert receipt["Account balance before"] == receipt["Account balance after"]
    (paid,) = (
        -value if "from" in label else value
        for label, value in receipt.items()
        if label.startswith("Paid ")
    )
    assert paid == receipt["Result"].quantize(Decimal("0.000001"), rounding=ROUND_DOWN)


def look_ahead(trader: Trader) -> None:
    """Open "What if": at 0 % it is the account as it is, at −20 % it is worth less."""
    trader.goes_to("whatIfButton")
    trader.hits("space")
    trader.sees_keyboard_on("whatIfSlider")
    trader.sees("whatIfResult", says="At the prices now your account is worth")
    for _ in range(_READINGS):
        now, then = figures(trader)
        if now == then:
            break
    assert now == then
    assert len(now) >= 10
    trader.hits("Home")
    trader.sees("whatIfResult", says="If all your markets fall 20 %, your account is worth")
    now, then = figures(trader)
    assert Decimal(then["Equity"]) < Decimal(now["Equity"])
    assert then["Profit/loss"].startswith("−")
    assert then["Used"] == now["Used"]
    trader.hits("Escape")
    trader.sees_no("whatIfDialog")


def figures(trader: Trader) -> tuple[dict[str, str], dict[str, str]]:
    """Return the figures of "What if" as they are read out, now and after the move, by label."""
    read: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for control in trader.sees_all():
        for values, name, when in zip(
            read, ("nowValue", "thenValue"), ("Now", "Then"), strict=True
        ):
            if control.name == name:
                label, _, value = control.called.partition(f", {when}: ")
                values[label] = value
    return read


def read_the_account(trader: Trader) -> None:
    """Read the account's details: its broker's card, its life, and the settlement."""
    trader.goes_to("accountDetailsButton")
    trader.hits("space")
    trader.sees("accountDialog")
    trader.sees("brokerCard")
    trader.sees(called="Name: Kayen")
    trader.sees(says="Pinned: the same as shipped with this application.")
    trader.sees(says="Deposits it takes: Retail Package: 1 to 30 USD")
    trader.sees("settlementText", says=f"Settlement of {_PEPE}: the money is paid out")
    life = [each.called for each in trader.sees_all("stepLabel")]
    assert life[-1] == "Done: The account is ready to trade (operational)."
    assert any("(active settlement)" in step for step in life)
    trader.sees_keyboard_on("doneButton")
    trader.hits("Escape")
    trader.sees_no("accountDialog")


def go_home(trader: Trader) -> None:
    """Close all and go home, and check that the receipt adds up without the settlement."""
    trader.goes_to("goHomeButton")
    trader.hits("space")
    trader.sees_keyboard_on("cancelButton")  # a stray Enter ends nothing
    steps = [each.called for each in trader.sees_all("stepLabel")]
    assert steps == [
        "To come: Close 1 position at the exchange",
        "To come: Close the margin account",
    ]
    trader.goes_to("confirmButton")
    trader.hits("space")
    trader.sees("goHomeHeadline", says="The account is closed")
    trader.sees("receiptFacts")
    receipt = facts(trader)
    assert receipt["You deposited"] == Decimal(10)
    assert receipt["You get back"] == (
        receipt["You deposited"] + receipt["Result of your trades"] + receipt["Fees"]
    )
    assert any(label.startswith("Settlements ") for label in receipt)
    assert all(each.called.startswith("Done: ") for each in trader.sees_all("stepLabel"))
    trader.sees_keyboard_on("cancelButton")
    trader.hits("Return")
    trader.sees_no("goHomeDialog")
