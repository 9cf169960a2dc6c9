"""Mail by SMTP, with STARTTLS unless the file says otherwise.

The key is the Message-ID, so that a copy sent again after a crash is the same message to every
mail program that looks. The server has a message once it has answered 250 to its end.
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from guantong.notices.channel import Parcel, Setting
from guantong.notices.delivery import Answer

TIMEOUT_SECONDS = 10


def send(setting: Setting, parcel: Parcel) -> Answer:
    """Hand a parcel to the mail server and say what came of it."""
    message = letter(setting, parcel)
    left = done = False
    try:
        with _connect(setting) as server:
            if setting.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if setting.user:
                server.login(setting.user, setting.secret())
            left = True
            server.send_message(message)
            done = True
    except smtplib.SMTPRecipientsRefused as refused:
        code = max((code for code, _ in refused.recipients.values()), default=550)
        return _answer(code, channel_fault=False)
    except smtplib.SMTPResponseException as refused:
        # A refused sign-in or a greylisting is a matter of the server, not of this reader.
        return _answer(refused.smtp_code, channel_fault=True)
    except (OSError, smtplib.SMTPException) as fault:
        name = type(fault).__name__
        if done:  # it was taken; only the goodbye went wrong
            return Answer(came="sent", said="250")
        return Answer(came="silent" if left else "later", said=name, channel_fault=True)
    return Answer(came="sent", said="250")


def _answer(code: int, *, channel_fault: bool) -> Answer:
    # RFC 5321, section 4.2.1: 4yz is passing, 5yz is not. A sign-in that is refused (535) is
    # mended by the operator, and the mail then goes out.
    passing = 400 <= code < 500 or code in (530, 534, 535)
    return Answer(came="later" if passing else "refused", said=str(code),
                  channel_fault=channel_fault and passing)  # fmt: skip


def letter(setting: Setting, parcel: Parcel) -> EmailMessage:
    """Return the message; a line break in a title cannot become a header of its own."""
    message = EmailMessage()
    message["From"] = setting.sender
    message["To"] = parcel.to.mail
    message["Subject"] = " ".join(parcel.title.split())
    message["Date"] = format_datetime(parcel.sent_at)
    message["Message-ID"] = f"<{parcel.key}@{_domain(setting)}>"
    # RFC 3834: answering machines leave it alone.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parcel.text(setting.says))
    return message


def _domain(setting: Setting) -> str:
    return parseaddr(setting.sender)[1].rpartition("@")[2] or "guantong.invalid"


def _connect(setting: Setting) -> smtplib.SMTP:
    if setting.security == "tls":
        return smtplib.SMTP_SSL(
            setting.host, setting.port, timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(),
        )  # fmt: skip
    return smtplib.SMTP(setting.host, setting.port, timeout=TIMEOUT_SECONDS)
