"""A passphrase that nobody knows any more, and keys that are not where they were."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget

from kayen_desktop.domain.errors import VaultProblem
from kayen_desktop.domain.identities import KeyOrigin
from kayen_desktop.keys.material import KeyMaterial
from kayen_desktop.options import PRACTICE_VENUE

from .household import PASSPHRASE, Household, Play, live_venue, started


def test_a_forgotten_passphrase_at_a_live_start_leads_to_practice_and_the_key_comes_back(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.forget_passphrase()
            await app.starts_anew()
            keychain = app.journey.keychain
            assert keychain is not None
            assert (keychain.identities, keychain.has_passphrase) == ((), False)
            assert await household.vault.is_empty()
            practice = await app.signed_in()
            assert practice.venue.account != identity.address
            await app.bring_key(1, "skipPassphraseButton", "confirmButton")
            await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_after_a_fresh_start_a_new_passphrase_leads_nowhere_else(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.forget_passphrase()
            await app.starts_anew()
            practice = await app.signed_in()
            app.find("welcomeWizard", QDialog).reject()
            keychain = app.journey.keychain
            assert keychain is not None
            material = KeyMaterial(bytes([2]) * 32, KeyOrigin.PRIVATE_KEY)
            await keychain.keep(material, "Another", "another passphrase", is_backed_up=True)
            app.journey.follow_keys()
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("passphraseProblem"), "the old one is forgotten")
            await app.unlock("another passphrase")
            await app.until(lambda: app.shows("marketsView"), "the window is back")
            assert await app.signed_in() is practice

    play(scene)


def test_a_forgotten_passphrase_ends_what_is_live_before_the_lock_opens(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            live = await app.comes_in(identity.address)
            app.window.open_account_requested.emit()
            assert app.shows("openChannelWizard")
            seen: list[str] = []
            lock = app.journey._lock  # noqa: SLF001
            unlisten = lock.listen(
                lambda _: seen.append(app.session.venue.account if app.journey.session else "")
            )
            app.window.lock_requested.emit()
            assert app.shows("lockScreen")
            await app.press("forgotPassphraseButton")
            assert app.shows("forgottenSignedIn")
            app.find("forgottenDialog", QDialog).reject()
            await app.until(lambda: not app.shows("forgottenDialog"), "it can be left")
            await app.forget_passphrase()
            await app.starts_anew()
            unlisten()
            assert app.session is not live
            assert seen == [identity.address, app.session.venue.account]
            assert identity.address not in seen[1:]
            assert not app.shows("openChannelWizard")
            app.find("welcomeWizard", QDialog).reject()
            app.window.lock_requested.emit()
            assert not app.shows("lockScreen")  # there is nothing to unlock with

    play(scene)


def test_a_question_behind_the_lock_goes_with_the_keys(play: Play, household: Household) -> None:
    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.unlock(PASSPHRASE)
            await app.until(lambda: app.shows("signatureDialog"), "the signature is explained")
            app.window.lock_requested.emit()
            await app.forget_passphrase()
            await app.starts_anew()
            await app.signed_in()
            assert not app.shows("signatureDialog")
        assert household.settings().agreed == ()

    play(scene)


def test_in_practice_a_forgotten_passphrase_interrupts_nothing(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        async with started(household, PRACTICE_VENUE) as app:
            practice = await app.signed_in()
            await app.opens_keys()
            app.window.lock_requested.emit()
            await app.press("forgotPassphraseButton")
            assert not app.shows("forgottenSignedIn")
            app.find("forgottenDialog", QDialog).reject()
            await app.forget_passphrase()
            await app.starts_anew()
            assert app.session is practice

    play(scene)


def test_who_remembers_after_all_has_lost_nothing(play: Play, household: Household) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.press("forgotPassphraseButton")
            await app.press("cancelButton")
            await app.until(lambda: not app.shows("forgottenDialog"), "it can be left")
            assert app.shows("lockScreen")
            await app.unlock(PASSPHRASE)
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_a_vault_that_can_not_be_destroyed_stays_locked_and_whole(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        household.vault.problem = VaultProblem.KEYRING_FAILED
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            await app.forget_passphrase()
            await app.until(lambda: app.shows("forgottenNotice"), "it says why not")
            assert app.shows("lockScreen")
            assert app.journey.session is None
            await app.press("cancelButton")
            await app.until(lambda: not app.shows("forgottenDialog"), "it can be left")
            await app.unlock(PASSPHRASE)
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_keys_that_are_gone_but_still_listed_open_no_lock_and_can_be_removed_again(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        await household.add_key(1, PASSPHRASE)
        draft = household.folder / "identities.json.new"
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: app.shows("lockScreen"), "the app is locked")
            draft.mkdir()  # where the list would be written
            await app.forget_passphrase()
            await app.until(lambda: app.shows("forgottenNotice"), "it says why not")
            assert await household.vault.is_empty()
            await app.press("cancelButton")
            await app.until(lambda: not app.shows("forgottenDialog"), "it can be left")
            await app.unlock("anything")
            await app.until(lambda: app.shows("passphraseProblem"), "the lock says what is wrong")
            assert "no longer" in app.find("passphraseProblem", QLabel).text()
            assert app.shows("lockScreen")
            draft.rmdir()
            await app.forget_passphrase()
            await app.starts_anew()

    play(scene)


def test_a_vault_emptied_behind_the_lock_opens_nothing(play: Play, household: Household) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        async with live_venue() as venue, started(household, venue) as app:
            await app.comes_in(identity.address)
            app.window.lock_requested.emit()
            await household.vault.destroy()  # somebody deletes the keyring's item
            for passphrase in ("anything", PASSPHRASE):
                await app.unlock(passphrase)
                await app.until(lambda: app.shows("passphraseProblem"), "it says what is wrong")
                assert app.shows("lockScreen")
                assert not app.shows("marketsView")

    play(scene)


def test_a_key_lost_from_the_keyring_is_said_and_can_be_kept_again_in_its_place(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        await household.vault.destroy()  # the list still names the key
        async with live_venue() as venue, started(household, venue) as app:
            await app.until(lambda: bool(app.notice), "the window says why")
            words = " ".join(
                each.text() for each in app.find("noticeBar", QWidget).findChildren(QLabel)
            )
            assert "no longer holds this key" in words
            assert "Bring it again from its backup" in words
            assert app.journey.session is None
            assert not app.shows("lockScreen")
            material = KeyMaterial(bytes([1]) * 32, KeyOrigin.PRIVATE_KEY)
            keychain = app.journey.keychain
            assert keychain is not None
            again = await keychain.keep(material, "Key 1", "", is_backed_up=True)
            assert again.identity_id == identity.identity_id
            assert len(keychain.identities) == 1
            app.journey.go_to(venue.key)
            await app.press("confirmButton")
            await app.at(identity.address)

    play(scene)


def test_a_key_lost_from_the_keyring_comes_back_through_the_welcome(
    play: Play, household: Household
) -> None:
    async def scene() -> None:
        identity = await household.add_key(1, PASSPHRASE)
        await household.vault.destroy()  # the list still names the key
        async with live_venue() as venue:
            async with started(household, venue) as app:
                await app.until(lambda: bool(app.notice), "the window says why")
                buttons = app.find("noticeBar", QWidget).findChildren(QPushButton)
                next(each for each in buttons if each.text() == "Show connections").click()
                await app.press("addKeyButton")
                await app.bring_key(1, "skipPassphraseButton", "confirmButton")
                await app.until(lambda: app.shows("signatureDialog"), "it is explained")
                await app.press("confirmButton")
                await app.at(identity.address)
                keychain = app.journey.keychain
                assert keychain is not None
                (back,) = keychain.identities
                assert (back.identity_id, back.name) == (identity.identity_id, identity.name)
            async with started(household, venue) as app:
                await app.at(identity.address)

    play(scene)
