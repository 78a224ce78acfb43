"""Words of the dialog that books a trade made elsewhere."""

from __future__ import annotations

from kayen_desktop.domain.events import Severity

from .notice import Action, Notice

RECORD_TITLE = "Record a trade made elsewhere"
RECORD_LEAD = (
    "The clearing house books the trade in this margin account, and your position changes as if "
    "you had made it here."
)
RECORD_WARNING = (
    "Only for trades that were not made in this application. What you trade here is reported by "
    "itself; recorded once more, it would count twice."
)
RECORD_HINT = "Fill in every field as the place where you traded shows it."
RECORD_FEES = "Fees that you paid elsewhere are not counted here."
RECORD_ZONE_WORSE = "This trade would take the account into a worse zone of the margin."

RECORDING = ("Booking the trade", "Your request is on its way. It is sent once.")
RECORDED = ("The trade is booked", "The clearing house has it on its books now.")
RECORD_UNKNOWN = (
    "Not confirmed yet",
    "It is never sent twice, and the venue has no way of being asked about it.",
)
NOTHING_HELD = "Nothing"


def record_unknown_notice() -> Notice:
    """Return the notice for a trade that was sent and not acknowledged."""
    return Notice(
        "The trade was sent to the clearing house, and no answer has come.",
        "It is never sent twice, and its id can't be used again here.",
        "Compare your positions with what they should be. If the trade is missing, ask the broker "
        "before you record it under another id.",
        Severity.WARNING,
        Action.SHOW_POSITIONS,
    )
