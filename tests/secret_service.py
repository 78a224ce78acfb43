"""A Secret Service of its own for tests: gnome-keyring on a private bus, in temporary folders."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "the password of the keyring"  # noqa: S105 - of a keyring that lives for a test
_NAME = "org.freedesktop.secrets"
_TOOLS = ("dbus-daemon", "gnome-keyring-daemon")
_START_S = 20
_STOP_S = 5

# Nothing can be activated on this bus: not a second keyring, and no window that asks for a
# password, so that a question of the keyring counts as dismissed at once.
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def find_missing_tool() -> str:
    """Return what a Linux lacks for it and how to get that, in a sentence; empty where nothing."""
    for tool in _TOOLS:
        if shutil.which(tool) is None:
            return (
                f"There is no {tool} on this machine. "
                "Install what is missing with: packaging/linux/system-libraries --test"
            )
    return ""


def is_linux() -> bool:
    """Return whether keyrings are reached by the Secret Service here."""
    return sys.platform.startswith("linux")


@contextmanager
def secret_service(folder: Path, *, is_unlocked: bool = True) -> Iterator[dict[str, str]]:
    """Run a bus with a keyring; yields what to add to the environment of whoever is to find it.

    What the keyring keeps is in the folder, so that a second one finds it there.

    Raises:
        OSError: a program for it is missing, or does not start.
    """
    with private_bus() as address, keyring_daemon(folder, address, is_unlocked=is_unlocked):
        yield environment(folder, address)


def environment(folder: Path, address: str) -> dict[str, str]:
    """Return what makes a program use the keyring on the bus, whatever the machine is set to."""
    return {
        "DBUS_SESSION_BUS_ADDRESS": address,
        "PYTHON_KEYRING_BACKEND": "",
        "XDG_CONFIG_HOME": str(folder / "config"),
    }


@contextmanager
def private_bus() -> Iterator[str]:
    """Run a session bus that starts nothing by itself; yields its address."""
    # Not in a test's own folder: the name of a socket has 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="bus-") as folder:
        page = Path(folder, "bus.conf")
        page.write_text(_BUS.format(socket=Path(folder, "bus")), "utf-8")
        command = ("dbus-daemon", f"--config-file={page}", "--nofork", "--print-address=1")
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                address = process.stdout.readline().strip() if process.stdout else ""
                if not address:
                    raise OSError("dbus-daemon does not start on this machine.")
                yield address
            finally:
                _stop(process)


@contextmanager
def keyring_daemon(folder: Path, address: str, *, is_unlocked: bool = True) -> Iterator[None]:
    """Run gnome-keyring on the bus with that address until the block ends.

    Where it is not unlocked, it keeps asking for a password that nobody can type.
    """
    with tempfile.TemporaryDirectory(prefix="keyring-") as runtime:
        here = {
            **os.environ,
            "DBUS_SESSION_BUS_ADDRESS": address,
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_RUNTIME_DIR": runtime,
        }
        folder.mkdir(parents=True, exist_ok=True)
        command = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
        with subprocess.Popen(
            [*command, "--unlock"] if is_unlocked else command,
            env=here,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                if process.stdin is not None:
                    process.stdin.write(PASSWORD if is_unlocked else "")
                    process.stdin.close()
                _wait_for_name(address)
                yield
            finally:
                _stop(process)


def _wait_for_name(address: str) -> None:
    """Wait until somebody answers for the Secret Service on the bus."""
    from jeepney import MatchRule
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import Proxy, open_dbus_connection

    appears = MatchRule(type="signal", sender="org.freedesktop.DBus", member="NameOwnerChanged")
    appears.add_arg_condition(0, _NAME)
    with open_dbus_connection(address) as connection, connection.filter(appears) as signals:
        bus = Proxy(message_bus, connection)
        bus.AddMatch(appears)
        if not bus.NameHasOwner(_NAME)[0]:
            try:
                connection.recv_until_filtered(signals, timeout=_START_S)
            except TimeoutError as error:
                raise OSError("gnome-keyring-daemon does not start on this machine.") from error


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
