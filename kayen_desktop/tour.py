"""Drives the main job through the real widgets, by their names, and checks the money at the end.

It clicks and types what a person would, waits for what a person would see, and fails at the first
step that does not come true. It changes nothing by a back door: every figure is read from the
state that the screens draw.
"""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QRegularExpression
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QListWidget,
    QPushButton,
    QTableView,
    QWidget,
)

from kayen_desktop.app.state import AppState
from kayen_desktop.domain.amounts import ZERO, plain
from kayen_desktop.domain.errors import KayenError
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.positions import Position
from kayen_desktop.domain.receipt import AccountReceipt, make_receipt
from kayen_desktop.domain.settlement import SettlementRun, SettlementState
from kayen_desktop.stage import Stage, TourError, Traveller

MARKET = "PEPE/USD"
AMOUNT = "108506.94444444"
SETTLED_MARKET = "ETH/USD"
SETTLED_AMOUNT = "0.001"
DEPOSIT = "10"
WATCH_MOVES = 1
FEWEST_WORDS = 12
QUESTIONS = 4
PASSPHRASE = "seven harbours at low tide"  # noqa: S105 - of a vault that lasts for the tour


async def run_tour(window: QWidget, traveller: Traveller, pictures: Path) -> int:
    """Play the main job and return 0, or tell which step failed and return 1.

    ``pictures`` is an existing folder.
    """
    stage = Stage(window, traveller, pictures)
    began = time.monotonic()
    steps = (
        ("1-key", "A key is made, its phrase written down and checked", _make_key),
        ("2-window", "The key signs in at the practice venue, and the markets come alive", _arrive),
        ("3-account", "A margin account is opened with a broker", _open_account),
        ("4-order", "An order to buy is placed", _buy),
        ("5-position", "The position moves with the market", _watch_position),
        ("6-lock", "The app is locked, shows nothing of value, and is unlocked", _lock),
        ("7-settlement", "A second market is bought, settled and paid out", _settle),
        ("8-closed-position", "The position is closed", _close_position),
        ("9-closed-account", "The account is closed", _close_account),
        ("10-receipt", "The money adds up to the last digit", _check_money),
    )
    for name, sentence, step in steps:
        try:
            detail = await step(stage)
        except KayenError as error:
            stage.say(f"FAILED  {sentence}. {error}")
            await stage.picture(f"{name}-failed")
            return 1
        await stage.picture(name)
        stage.say(f"ok      {sentence}. {detail}")
    stage.say(f"done    in {time.monotonic() - began:.1f} s; pictures are in {pictures}")
    return 0


async def _make_key(stage: Stage) -> str:
    """Make a key as a first-time trader does; the words are read off the screen and remembered."""
    wizard = await stage.dialog("welcomeWizard")
    await stage.picture("1-key-1-welcome")
    await stage.click("createKeyButton", wizard)
    await stage.picture("1-key-2-name")
    await stage.click("nextButton", wizard)
    await stage.until(lambda: stage.has("newPassphraseEdit", wizard), "a passphrase can be chosen")
    stage.type("newPassphraseEdit", PASSPHRASE, wizard)
    stage.type("repeatPassphraseEdit", PASSPHRASE, wizard)
    await stage.until(
        lambda: stage.find(QPushButton, "nextButton", wizard).isEnabled(), "it is good enough"
    )
    await stage.picture("1-key-3-passphrase")
    await stage.click("nextButton", wizard)
    await stage.until(lambda: stage.has("showWordsButton", wizard), "the words are ready")
    await stage.picture("1-key-4-words")  # hidden still: no picture of words is ever taken
    await stage.click("showWordsButton", wizard)
    words = await _read_words(stage, wizard)
    await stage.click("nextButton", wizard)
    await _answer(stage, wizard, words)
    await stage.until(lambda: stage.has("practiceButton", wizard), "the key is kept")
    await stage.picture("1-key-5-kept")
    await stage.click("practiceButton", wizard)
    return f"{len(words)} words, four of them asked for again."


async def _read_words(stage: Stage, wizard: QWidget) -> list[str]:
    """Return the words of the phrase as they stand on the screen, in order."""

    def shown() -> list[str]:
        labels = wizard.findChildren(QLabel, QRegularExpression("^phraseWord[0-9]+$"))
        numbered = {int(each.objectName().removeprefix("phraseWord")): each for each in labels}
        return [numbered[n].text() for n in sorted(numbered) if numbered[n].isVisible()]

    await stage.until(lambda: len(shown()) >= FEWEST_WORDS and all(shown()), "the words are shown")
    return shown()


async def _answer(stage: Stage, wizard: QWidget, words: list[str]) -> None:
    """Choose the right word at each question, and take no picture of any."""
    asked = {""}

    def question() -> str:
        return stage.find(QLabel, "quizQuestion", wizard).text()

    for _ in range(QUESTIONS):
        await stage.until(
            lambda: stage.has("quizQuestion", wizard) and question() not in asked,
            "a word is asked for",
        )
        asked.add(question())
        position = int("".join(letter for letter in question() if letter.isdigit()))
        right = [
            each
            for each in wizard.findChildren(QAbstractButton)
            if each.objectName().startswith("answerButton") and each.text() == words[position - 1]
        ]
        if not right:
            raise TourError(f"The word asked for is not among the answers: {question()}")
        await stage.click(right[0].objectName(), wizard)


async def _confirm(stage: Stage) -> None:
    """Type the passphrase where it is asked for."""
    dialog = await stage.dialog("passphraseDialog")
    stage.type("passphraseEdit", PASSPHRASE, dialog)
    await stage.click("confirmButton", dialog)
    await stage.until(lambda: not stage.dialogs("passphraseDialog"), "the passphrase is right")


async def _arrive(stage: Stage) -> str:
    await _confirm(stage)
    return await watch_markets(stage)


async def watch_markets(stage: Stage) -> str:
    """Wait until both servers speak, and return how many markets there are, in words."""
    await stage.until(lambda: stage.traveller.session is not None, "the app goes to the venue")
    state = stage.state
    await stage.until(
        lambda: _link(state, stage.session.venue.clearing_link) is LinkState.READY,
        "Clearport signs us in",
    )
    await stage.until(lambda: len(state.tickers) > 0, "prices arrive")
    await stage.until(lambda: MARKET in state.books, f"the book of {MARKET} arrives")
    await stage.until(lambda: bool(state.candles), "the chart has candles")
    return f"{len(state.markets)} markets."


async def _open_account(stage: Stage) -> str:
    return await open_account(stage, is_asked=True)


async def open_account(stage: Stage, *, is_asked: bool = False) -> str:
    """Open a margin account through the wizard until it can be traded on.

    ``is_asked`` where a passphrase is set, and asked for.
    """
    await stage.click("openAccountButton")
    wizard = await stage.dialog("openChannelWizard")
    stage.find(QListWidget, "brokerList", wizard).setCurrentRow(0)
    await stage.picture("3-account-1-broker")
    await stage.click("nextButton", wizard)
    stage.type("marginDepositEdit", DEPOSIT, wizard)
    await stage.picture("3-account-2-deposit")
    await stage.click("nextButton", wizard)
    await stage.picture("3-account-3-review")
    await stage.click("openChannelButton", wizard)
    if is_asked:
        await stage.picture("3-account-4-passphrase")
        await _confirm(stage)
    await stage.until(
        lambda: stage.state.channel is not None and stage.state.channel.is_usable,
        "the account is funded",
    )
    await stage.until(
        lambda: _link(stage.state, stage.session.venue.trading_link) is LinkState.READY,
        "Finex signs us in",
    )
    await stage.picture("3-account-5-progress")
    await stage.click("startTradingButton", wizard)
    return f"Deposit {DEPOSIT} USD."


async def _buy(stage: Stage) -> str:
    position = await _buy_in(stage, MARKET, AMOUNT, "4-order-1-ticket")
    return f"{plain(position.amount)} PEPE for {plain(position.cost)} USD."


async def _buy_in(stage: Stage, market: str, amount: str, picture: str) -> Position:
    """Buy through the ticket, and return the position once the venue tells it and its fill."""
    combo = stage.find(QComboBox, "marketCombo")
    combo.setCurrentIndex(combo.findText(market))
    await stage.click("sideBuyButton")
    await stage.until(lambda: market in stage.state.books, f"the book of {market} arrives")
    stage.type("amountEdit", amount)
    await stage.until(
        lambda: bool(stage.find(QLabel, "estimateLabel").text()), "the ticket shows what it costs"
    )
    await stage.until(
        lambda: bool(stage.find(QLabel, "riskLabel").text()), "the ticket tells the risk"
    )
    await stage.picture(picture)
    await stage.click("submitOrderButton")
    await stage.until(lambda: stage.state.position_in(market) is not None, "the position appears")
    await stage.until(
        lambda: any(fill.market == market for fill in stage.state.fills.values()),
        "the fill is told",
    )
    position = stage.state.position_in(market)
    if position is None or position.amount != Decimal(amount):
        raise TourError("The position is not what was bought.")
    return position


async def _watch_position(stage: Stage) -> str:
    seen: set[Decimal | None] = set()

    def has_moved() -> bool:
        position = stage.state.position_in(MARKET)
        seen.add(position.pnl if position else None)
        return len(seen) > WATCH_MOVES

    await stage.until(has_moved, "its profit or loss moves")
    return f"Its profit or loss took {len(seen)} values."


async def _lock(stage: Stage) -> str:
    await stage.click("lockButton")
    await stage.until(lambda: stage.has("lockScreen"), "the lock screen is shown")
    await stage.picture("6-lock-1-locked")
    if stage.has("positionsView") or stage.has("marginGauge"):
        raise TourError("The locked screen shows something of value.")
    stage.type("passphraseEdit", PASSPHRASE)
    await stage.click("unlockButton")
    await stage.until(lambda: stage.has("positionsView"), "the window is back")
    return "Prices and warnings went on meanwhile."


async def _settle(stage: Stage) -> str:
    """Buy in a second market and settle it: its result goes to the wallet, not into the account."""
    await _buy_in(stage, SETTLED_MARKET, SETTLED_AMOUNT, "7-settlement-1-ticket")
    await stage.click("settleButton")
    wizard = await stage.dialog("settleWizard")
    stage.click_line("settleMarketsList", SETTLED_MARKET, wizard)
    await stage.picture("7-settlement-2-markets")
    await stage.click("nextButton", wizard)
    await stage.picture("7-settlement-3-payment")
    await stage.click("nextButton", wizard)
    await stage.picture("7-settlement-4-review")
    await stage.click("settleConfirmButton", wizard)
    await _confirm(stage)
    await stage.until(lambda: _settlement(stage).is_paid, "the settlement is completed")
    await stage.until(
        lambda: _settlement(stage).state is SettlementState.WITHDRAWN, "it is paid to the wallet"
    )
    await stage.picture("7-settlement-5-receipt")
    await stage.click("doneButton", wizard)
    if [position.market for position in stage.state.open_positions] != [MARKET]:
        raise TourError("The settlement did not end the one position that was chosen.")
    run = _settlement(stage)
    return f"{len(run.steps)} steps; {run.result:+f} USD paid to the wallet."


def _settlement(stage: Stage) -> SettlementRun:
    """Return the settlement asked for last.

    Raises:
        TourError: there is none.
    """
    runs = list(stage.state.settlements.values())
    if not runs:
        raise TourError("No settlement was asked for.")
    return runs[-1]


async def _close_position(stage: Stage) -> str:
    table = stage.find(QTableView, "positionsView")
    table.selectRow(0)
    await stage.click("closePositionButton")
    dialog = await stage.dialog("closePositionDialog")
    await stage.picture("8-closed-position-1-preview")
    await stage.click("confirmButton", dialog)
    await stage.until(lambda: not stage.state.open_positions, "the position is gone")
    await stage.until(
        lambda: not stage.dialogs("closePositionDialog"), "the dialog closes by itself"
    )
    return f"{len(stage.state.fills)} fills so far."


async def _close_account(stage: Stage) -> str:
    stage.turn_to("Channels")
    table = stage.find(QTableView, "channelsView")
    table.selectRow(0)
    await stage.click("closeChannelButton")
    dialog = await stage.dialog("closeChannelDialog")
    await stage.picture("9-closed-account-1-preview")
    await stage.click("confirmButton", dialog)
    await _confirm(stage)
    await stage.until(lambda: stage.state.channel is None, "the account is closed")
    await stage.until(
        lambda: any(each.isVisible() for each in dialog.findChildren(QWidget, "receiptFacts")),
        "the receipt is shown",
    )
    await stage.picture("9-closed-account-2-receipt")
    await stage.click("cancelButton", dialog)
    return "The venue says it is finalized."


async def _check_money(stage: Stage) -> str:
    receipt = receipt_of(stage.state)
    sum_text = (
        f"{plain(receipt.deposit)} deposit {receipt.realised:+f} result "
        f"−{plain(receipt.fees)} fees = {plain(receipt.returned)} USD back"
    )
    if receipt.difference != ZERO:
        raise TourError(f"The money does not add up by {plain(receipt.difference)}: {sum_text}.")
    return f"{sum_text}."


def receipt_of(state: AppState) -> AccountReceipt:
    """Return the receipt of the account that was closed last.

    Raises:
        TourError: its deposit or what came back is not known.
    """
    channel = list(state.channels.values())[-1]
    if channel.margin_deposit is None or channel.own_balance is None:
        raise TourError("The venue did not say what came back.")
    fills = sorted(state.fills.values(), key=lambda fill: int(fill.fill_id))
    runs = state.settlements_of(channel.channel_id)
    return make_receipt(channel.margin_deposit, fills, channel.own_balance, runs)


def _link(state: AppState, name: str) -> LinkState | None:
    status = state.links.get(name)
    return status.state if status else None
