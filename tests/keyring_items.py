"""What stands in the keyring of a test, read past the application."""

from __future__ import annotations

from collections.abc import Mapping


def items_of(environment: Mapping[str, str]) -> dict[str, bytes]:
    """Return the secret of each item by its label, of all collections on the environment's bus."""
    import secretstorage  # there on Linux alone
    from jeepney.io.blocking import open_dbus_connection

    address = environment["DBUS_SESSION_BUS_ADDRESS"]
    with open_dbus_connection(address) as connection:
        return {
            item.get_label(): item.get_secret()
            for collection in secretstorage.get_all_collections(connection)
            for item in collection.get_all_items()
        }
