"""Behind the lock: what starts locked, what waits there, and what comes back."""

from __future__ import annotations

import asyncio

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton

from kayen_desktop.options import PRACTICE_VENUE
from kayen_desktop.ui.dialogs.connections import ConnectionsDialog

from .desk import DEPOSIT
from .household import PASSPHRASE, Household, Play, live_venue, started


def test_the_lock_button_leads_to_the_passphrase_before_the_vault_was_needed(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            assert app.journey.keychain is None
            app.window.lock_requested.emit()
            await app.until(lambda: app.shows("setPassphraseButton"), "a passphrase can be chosen")
            assert not app.shows("lockScreen")
        await household.add_key(1, PASSPHRASE)
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            app.window.lock_requested.emit()  # the settings know of no passphrase, the vault does
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")

    play(scene)


def test_a_live_start_is_locked_where_there_is_a_passphrase(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            assert app.journey.session is None
            assert not app.shows("marketsView")
            await app.unlock("not the passphrase")
            await app.until(lambda: app.says("not your passphrase"), "it is said to be wrong")
            assert app.shows("lockScreen")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
            await app.press("confirmButton")
            await app.at(identity.address)
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("marketsView"), "the window is back")

    play(scene)


def test_a_question_that_stood_when_the_app_was_locked_stands_again_afterwards(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
            dialog = app.find("signatureDialog", QDialog)
            told = QAccessible.queryAccessibleInterface(dialog)
            assert told.childCount() > 0
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            assert not app.shows("signatureDialog")
            assert told.childCount() == 0  # nor can a screen reader find it
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("signatureDialog"), "the question stands again")
            assert told.childCount() > 0
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_from_practice_the_passphrase_is_asked_for_and_no_leaves_everything(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.comes_in(identity.address)
            app.journey.go_to("practice")
            await app.until(lambda: app.shows("practiceBanner"), "practice")
            practice = await app.signed_in()
            app.journey.go_to(venue.key)
            await app.until(lambda: app.shows("passphraseDialog"), "the passphrase is asked for")
            app.find("passphraseDialog", QDialog).reject()
            await app.until(lambda: not app.shows("passphraseDialog"), "no is an answer")
            assert app.session is practice
            app.journey.go_to(venue.key)
            await app.confirm(PASSPHRASE)
            await app.at(identity.address)

    play(scene)


def test_a_passphrase_arms_the_lock_and_opening_an_account_asks_for_it(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        async with started(household, PRACTICE_VENUE) as app:
            session = await app.signed_in()
            await app.opens_keys()
            app.window.lock_requested.emit()
            assert not app.shows("lockScreen")
            assert app.shows("connectionsDialog")  # where a passphrase can be chosen
            app.find("connectionsDialog", QDialog).reject()
            keychain = app.journey.keychain
            assert keychain is not None
            await keychain.change_passphrase("", PASSPHRASE)
            app.journey.follow_keys()
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("marketsView"), "the window is back")
            broker = session.channels.brokers[0]
            opening = asyncio.create_task(session.channels.open(broker, DEPOSIT))
            await app.confirm(PASSPHRASE)
            assert await opening

    play(scene)


def test_locking_while_the_words_are_on_paper_hides_them_and_loses_nothing(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            await app.opens_keys()
            app.window.connections_requested.emit()
            await app.press("addKeyButton")
            await app.press("createKeyButton")
            await app.press("nextButton")
            await app.press("showWordsButton")
            wizard = app.find("welcomeWizard", QDialog)

            def words() -> list[str]:
                labels = [wizard.findChildren(QLabel, f"phraseWord{n}")[0] for n in range(1, 13)]
                return [each.text() for each in labels]

            written = words()
            assert all(each.isalpha() for each in written)
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            assert not app.shows("welcomeWizard")
            said = {each.text() for each in app.window.findChildren(QLabel)}
            assert not said & set(written)
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("welcomeWizard"), "the wizard is back")
            assert app.find("welcomeWizard", QDialog) is wizard
            assert not set(words()) & set(written)
            await app.press("showWordsButton")
            assert words() == written
            assert not app.notice
            wizard.reject()
            await app.until(lambda: bool(app.notice), "it is said what the words are now")
            assert "belong to no key" in app.notice

    play(scene)


def test_a_lock_that_falls_while_its_passphrase_is_removed_opens_again(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            await app.opens_keys()
            app.window.connections_requested.emit()
            app.find("connectionsDialog", ConnectionsDialog).show_lock()
            await app.press("removePassphraseButton")
            app.find("oldPassphraseEdit", QLineEdit).setText(PASSPHRASE)
            household.vault.may_change.clear()
            app.find("changePassphraseDialog", QDialog).findChildren(QPushButton, "confirmButton")[
                0
            ].click()
            await app.until(lambda: household.vault.is_changing, "it is under way")
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            assert not app.shows("connectionsDialog")
            household.vault.may_change.set()
            await app.until(lambda: app.shows("marketsView"), "nothing is locked any more")
            assert not app.shows("lockScreen")
            keychain = app.journey.keychain
            assert keychain is not None
            assert not keychain.has_passphrase
            assert await keychain.reveal_private_key(identity.identity_id, "")
            app.window.lock_requested.emit()
            assert not app.shows("lockScreen")  # there is nothing to unlock with

    play(scene)


def test_a_venue_reached_behind_the_lock_is_watched_and_asks_nothing(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: not app.shows("lockScreen"), "it is unlocked")
            app.window.lock_requested.emit()  # before the venue has sent its challenge
            await app.until(lambda: app.journey.session is not None, "the venue is reached")
            links = "lockedLinks"
            await app.until(lambda: app.shows(links), "the lock screen watches over it")
            await app.until(
                lambda: "Clearport" in app.find(links, QLabel).text(), "and says how it is"
            )
            assert not app.shows("signatureDialog")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("signatureDialog"), "now it asks")
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_a_dialog_that_ends_behind_the_lock_does_not_come_back(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            await app.opens_keys()
            keychain = app.journey.keychain
            assert keychain is not None
            await keychain.change_passphrase("", PASSPHRASE)
            app.journey.follow_keys()
            app.window.open_account_requested.emit()
            wizard = app.find("openChannelWizard", QDialog)
            app.window.lock_requested.emit()
            assert not app.shows("openChannelWizard")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("openChannelWizard"), "what was hidden is back")
            app.window.lock_requested.emit()
            wizard.accept()  # as a dialog does whose request is answered
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("marketsView"), "the window is back")
            assert not app.shows("openChannelWizard")
            app.window.lock_requested.emit()
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("marketsView"), "and again")

    play(scene)
