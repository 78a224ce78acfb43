"""Every sentence a user reads: plain English first, the term second, never a raw exception.

Nothing here knows Qt, and nothing here decides anything: domain values go in, text comes out.

Decision: a package with one module a subject and this one door. One file of all sentences was
refused: it passes a thousand lines, and who looks for a sentence looks by subject.
"""

from __future__ import annotations

from .accounts import (
    channel_explanation,
    channel_state_text,
    channel_title,
    clearing_step_text,
)
from .activity import (
    channel_activity,
    fill_activity,
    intent_text,
    link_activity,
    notice_activity,
    order_activity,
    request_text,
    signature_activity,
)
from .connections import link_explanation, link_text
from .failures import (
    alarm_notice,
    already_running_notice,
    crash_notice,
    error_notice,
    failure_notice,
)
from .keys import (
    backup_notice,
    key_problem_text,
    origin_text,
    signing_text,
    strength_text,
    vault_place_text,
    vault_problem_text,
)
from .margin import (
    distance_text,
    forbidden_text,
    reading_explanation,
    reading_text,
    risk_sentence,
    zone_explanation,
    zone_text,
)
from .notice import Action, Notice, action_text
from .orders import (
    order_status_text,
    order_type_help,
    order_type_text,
    position_status_text,
    side_text,
)
from .problems import problem_text
from .settling import settlement_text

__all__ = [
    "Action",
    "Notice",
    "action_text",
    "alarm_notice",
    "already_running_notice",
    "backup_notice",
    "channel_activity",
    "channel_explanation",
    "channel_state_text",
    "channel_title",
    "clearing_step_text",
    "crash_notice",
    "distance_text",
    "error_notice",
    "failure_notice",
    "fill_activity",
    "forbidden_text",
    "intent_text",
    "key_problem_text",
    "link_activity",
    "link_explanation",
    "link_text",
    "notice_activity",
    "order_activity",
    "order_status_text",
    "order_type_help",
    "order_type_text",
    "origin_text",
    "position_status_text",
    "problem_text",
    "reading_explanation",
    "reading_text",
    "request_text",
    "risk_sentence",
    "settlement_text",
    "side_text",
    "signature_activity",
    "signing_text",
    "strength_text",
    "vault_place_text",
    "vault_problem_text",
    "zone_explanation",
    "zone_text",
]
