"""Clearport, the clearing house: sign-in, margin accounts, positions and settlement.

Imports nothing by itself: the practice venue shares ``codec`` and ``messages`` with the client,
and must not get the client's ``protocol`` with them.
"""
