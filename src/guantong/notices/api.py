"""The front door of ``guantong.notices``."""

from guantong.notices.channel import (
    NEEDS,
    SETTING,
    Channels,
    Setting,
    channels,
    usable_channels,
)
from guantong.notices.contacts import choose, own_addresses, preference_of
from guantong.notices.due import next_due, run_due, superior_of, tidy
from guantong.notices.handing_on import Heirs, person_left, unit_merged
from guantong.notices.mending import give_up, try_again
from guantong.notices.notice import KINDS, MOST_TEXT, MOST_TITLE, light
from guantong.notices.preference import MODES, STANDARD, Preference
from guantong.notices.queries import (
    CHIPS,
    DELIVERY_CHIPS,
    RECEIPT_CHIPS,
    ChannelView,
    DeliveryView,
    Entry,
    NoticeView,
    ReceiptView,
    Sent,
    anything_due,
    aside_of,
    channel_states,
    deliveries,
    delivery,
    entries_of,
    inbox,
    notice,
    readers_above,
    readings,
    receipts,
    sent,
    unread,
)
from guantong.notices.recipients import WHO, Recipient, of_units, people_on_duty
from guantong.notices.sender import deliver_due
from guantong.notices.service import (
    Draft,
    Words,
    accept,
    accepted_elsewhere,
    read,
    receive,
    remind,
    send,
    send_all,
    settled,
    withdraw,
)

__all__ = [
    "CHIPS", "DELIVERY_CHIPS", "KINDS", "MODES", "MOST_TEXT", "MOST_TITLE", "NEEDS",
    "RECEIPT_CHIPS", "SETTING", "STANDARD", "WHO", "ChannelView", "Channels", "DeliveryView",
    "Draft", "Entry", "Heirs", "NoticeView", "Preference", "ReceiptView", "Recipient", "Sent",
    "Setting", "Words",
    "accept", "accepted_elsewhere", "anything_due", "aside_of", "channel_states", "channels",
    "choose", "deliver_due", "deliveries", "delivery", "entries_of", "give_up", "inbox", "light",
    "next_due", "notice", "of_units", "own_addresses", "people_on_duty", "person_left",
    "preference_of", "read", "readers_above", "readings", "receipts", "receive", "remind",
    "run_due", "send", "send_all", "sent", "settled", "superior_of", "tidy", "try_again",
    "unit_merged", "unread", "usable_channels", "withdraw",
]  # fmt: skip
