"""From venue to venue with the right key: first start, going live, coming back."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget

from kayen_desktop.domain.errors import VaultError, VaultProblem
from kayen_desktop.domain.events import LinkState
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.keys.keychain import Keychain
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.options import PRACTICE_VENUE, place_of
from kayen_desktop.ui.presenters.welcome_screens import Onward, WelcomeResult

from .desk import DEPOSIT
from .household import PASSPHRASE, Household, Play, live_venue, started


def test_a_first_start_welcomes_and_practice_waits_for_nobody(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        async with started(household) as app:
            await app.until(lambda: app.shows("welcomeWizard"), "the welcome is shown")
            await app.press("tryButton")
            await app.until(lambda: not app.shows("welcomeWizard"), "the welcome is over")
            session = await app.signed_in()
            assert app.shows("practiceBanner")
            practised_as = session.venue.account
        assert household.settings().is_welcomed
        async with started(household) as app:
            session = await app.signed_in()
            assert not app.shows("welcomeWizard")
            assert session.venue.account != practised_as  # a key of its own at each start

    play(scene)


def test_practice_works_without_a_vault_and_the_welcome_says_why(
    play: Play, household: Household
) -> None:
    household.problem = VaultError(VaultProblem.KEYRING_LOCKED)

    async def scene() -> None:
        async with started(household) as app:
            await app.until(lambda: app.shows("welcomeNotice"), "the welcome says why")
            assert not app.find("createKeyButton", QWidget).isEnabled()
            await app.signed_in()
            household.problem = None
            await app.press("retryButton")
            await app.until(
                lambda: app.find("createKeyButton", QWidget).isEnabled(), "keys can be made"
            )

    play(scene)


def test_practice_touches_no_keyring_before_somebody_asks_for_a_key(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            assert app.journey.keychain is None
            app.window.connections_requested.emit()
            await app.until(lambda: app.shows("connectionsDialog"), "the keys are shown")
            assert app.journey.keychain is not None
        household.problem = VaultError(VaultProblem.KEYRING_LOCKED)
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            app.window.connections_requested.emit()
            await app.until(lambda: app.shows("welcomeNotice"), "it says why there are none")
        household.problem = None
        await household.add_key(1, PASSPHRASE)
        async with started(household, PRACTICE_VENUE) as app:
            await app.signed_in()
            app.window.venue_requested.emit("kayen")  # not said to have keys, but it has
            await app.until(lambda: app.shows("passphraseDialog"), "the key is found")
        async with started(household, PRACTICE_VENUE) as app:
            await app.until(lambda: app.journey.keychain is not None, "they are opened by now")

    play(scene)


def test_going_live_explains_the_first_signature_once_and_keeps_the_ways_apart(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1)
        async with live_venue() as venue:
            async with started(household, venue) as app:
                await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
                words = [
                    each.text()
                    for each in app.find("signatureDialog", QDialog).findChildren(QLabel)
                ]
                assert any("No money moves." in each for each in words)
                await app.press("confirmButton")
                session = await app.at(identity.address)
                assert not app.shows("practiceBanner")
                assert app.window.windowTitle().startswith(venue.name)
                assert [
                    note.event.meaning.address
                    for note in session.state.signatures
                    if hasattr(note.event, "meaning")
                ] == [identity.address]
                app.journey.go_to("practice")
                await app.until(lambda: app.shows("practiceBanner"), "practice looks like practice")
                practice = await app.signed_in()
                assert practice.venue.account != identity.address
                app.journey.go_to(venue.key)
                await app.at(identity.address)
                assert not app.shows("signatureDialog")
            async with started(household, venue) as app:
                await app.at(identity.address)
                assert not app.shows("signatureDialog")
        assert len(household.settings().agreed) == 1
        folders = {each.name for each in household.folder.iterdir() if each.is_dir()}
        assert {"practice", f"live-{place_of(venue.clearport_url)}", "logs"} <= folders

    play(scene)


def test_a_declined_signature_stays_declined_until_tried_again(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
            await app.press("cancelButton")
            await app.until(
                lambda: app.session.state.links["Clearport"].state is LinkState.REFUSED,
                "nothing goes on without it",
            )
            assert not app.shows("signatureDialog")
            app.journey.go_to(venue.key)
            await app.until(lambda: app.shows("signatureDialog"), "it is asked for anew")
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_without_a_key_live_leads_to_the_welcome(play: Play, household: Household) -> None:
    async def scene() -> None:
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("welcomeWizard"), "the welcome is shown")
            assert app.journey.session is None

    play(scene)


def test_a_vault_that_does_not_open_is_said_at_a_live_start_and_can_be_tried_again(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1)
        household.problem = VaultError(VaultProblem.KEYRING_LOCKED)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: bool(app.notice), "the window says why")
            assert app.journey.session is None
            household.problem = None
            app.journey.open_keys()
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_another_key_is_another_session_and_no_key_is_practice(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        one, two = await household.add_key(1), await household.add_key(2)
        async with live_venue() as venue, started(household, venue) as app:
            await app.press("confirmButton")
            await app.at(one.address)
            keychain = app.journey.keychain
            assert keychain is not None
            await keychain.use(two.identity_id)
            app.journey.follow_keys()
            await app.press("confirmButton")
            await app.at(two.address)
            await keychain.rename(two.identity_id, "Savings")
            app.journey.follow_keys()
            assert any(each.text() == "Savings" for each in app.window.findChildren(QLabel))
            await keychain.remove(one.identity_id, "")
            await keychain.remove(two.identity_id, "")
            app.journey.follow_keys()
            await app.until(lambda: app.shows("practiceBanner"), "no key is practice")

    play(scene)


def test_real_money_on_a_key_without_a_backup_is_said_once(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, is_backed_up=False)
        async with live_venue() as venue, started(household, venue) as app:
            await app.press("confirmButton")
            session = await app.at(identity.address)
            assert not app.notice
            await session.channels.open(session.channels.brokers[0], DEPOSIT)

            await app.until(lambda: "no backup" in app.notice, "the backup is asked for")
            button = [
                each
                for each in app.find("noticeBar", QWidget).findChildren(QPushButton)
                if each.isVisible() and each.text() == "Back up the key"
            ]
            button[0].click()
            assert app.shows("connectionsDialog")

    play(scene)


def test_the_app_stops_while_a_question_stands(play: Play, household: Household) -> None:
    asked = asyncio.Event()

    async def never(folder: Path, service: str, clock: object) -> Keychain:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue:
            async with started(household, venue, opener=never):
                await asked.wait()  # the keyring asks its owner something, for ever
            async with started(household, PRACTICE_VENUE) as app:
                await app.signed_in()
                await app.opens_keys()
                app.journey.go_to("kayen")
                await app.until(lambda: app.shows("passphraseDialog"), "it is asked for")

    play(scene)


# When the passphrase is forgotten, or the keys are gone


def test_going_live_with_a_second_key_uses_that_key_or_keeps_the_first(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        one = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.comes_in(one.address)
            keychain = app.journey.keychain
            assert keychain is not None
            material = KeyMaterial(b"\x02" * 32, KeyOrigin.PRIVATE_KEY)
            two = await keychain.keep(material, "Second", PASSPHRASE, is_backed_up=True)
            app.journey.welcome(WelcomeResult(Onward.LIVE, two))
            await app.until(lambda: app.shows("passphraseDialog"), "the passphrase is asked for")
            app.find("passphraseDialog", QDialog).reject()
            await app.until(lambda: keychain.active == one, "the session's key is in use again")
            assert app.session.venue.account == one.address
            app.journey.welcome(WelcomeResult(Onward.LIVE, two))
            await app.confirm(PASSPHRASE)
            await app.press("confirmButton")
            await app.at(two.address)
            assert keychain.active == two

    play(scene)


def test_who_went_to_practice_meanwhile_stays_there_when_the_keys_come(
    play: Play, household: Household
) -> None:
    may_open = asyncio.Event()

    async def slowly(folder: Path, service: str, clock: object) -> Keychain:
        await may_open.wait()
        return await household.open_keys(folder, service, clock)

    async def scene() -> None:
        await household.add_key(1)
        async with live_venue() as venue, started(household, venue, opener=slowly) as app:
            app.journey.go_to("practice")
            practice = await app.signed_in()
            may_open.set()
            await app.until(lambda: app.journey.keychain is not None, "the vault is open")
            await asyncio.sleep(0)
            assert app.session is practice
            assert app.shows("practiceBanner")
            assert not app.shows("signatureDialog")

    play(scene)
