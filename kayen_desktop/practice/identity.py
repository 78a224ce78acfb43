"""Who the practice venue is: its signing identity, loaded when the first client needs it."""

from __future__ import annotations

import asyncio

from .tokens import TokenIssuer, load_cryptography


class Identity:
    """The node's token issuer, made once, on first use: its libraries take a second to import."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = asyncio.Lock()
        self._issuer: TokenIssuer | None = None

    async def issuer(self) -> TokenIssuer:
        """Return the issuer; the first call waits for the libraries, off the event loop."""
        async with self._lock:
            if self._issuer is None:
                await load_cryptography()
                self._issuer = TokenIssuer.of_seed(self._seed)
            return self._issuer
