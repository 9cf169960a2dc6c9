"""DingTalk, WeCom and SMS, through Apprise and the address it knows each by.

The address stands in a file, since it holds the robot's token; ``{mobile}`` in it is filled with
the reader's number. Apprise answers yes or no and carries no key: no means that a chat is tried
again, while of an SMS nobody can say whether it left, so a person decides.
"""

import logging
import warnings
from urllib.parse import quote

from guantong.notices.channel import Parcel, Setting
from guantong.notices.delivery import Answer

# SMS gateways split what is longer into several messages, each of them paid for.
MOST_SMS = 280


def send(setting: Setting, parcel: Parcel) -> Answer:
    """Hand a parcel to Apprise and say what came of it."""
    url = setting.secret().replace("{mobile}", quote(parcel.to.mobile, safe=""))
    with warnings.catch_warnings():
        # It asks for modules that later Pythons drop, and has another way when they are gone.
        warnings.simplefilter("ignore", DeprecationWarning)
        # Loaded when the first message needs it: it takes some 40 MB.
        import apprise

        # It logs the addresses it calls, and those hold tokens and numbers.
        for name in ("apprise", "urllib3"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        service = apprise.Apprise()
        if not service.add(url):
            return Answer(came="refused", said="address", channel_fault=True)
        if setting.type == "sms":
            done = service.notify(body=f"{parcel.title}\n{parcel.text('title')}"[:MOST_SMS])
        else:
            done = service.notify(title=parcel.title, body=parcel.text(setting.says))
    if done:
        return Answer(came="sent", said="ok")
    return Answer(came="silent", said="no", channel_fault=True)
