"""Mail: one message to one mail server. Whoever sends does it in a job, which is tried again when the server does not answer."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import urlsplit

from hubkeep.kit.settings import MailSettings, Settings


def sender(settings: Settings) -> str:
    """Return the address that mail comes from."""
    return settings.mail.sender or f"noreply@{urlsplit(settings.url).hostname or 'localhost'}"


def send(mail: MailSettings, message: EmailMessage) -> None:
    """Hand a message to the mail server. Raises smtplib's and the network's errors: the job is tried again."""
    context = ssl.create_default_context()
    if mail.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            mail.host, mail.port, timeout=mail.timeout_seconds, context=context
        )
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_seconds)
    with server:
        if mail.security == "starttls":
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, mail.password)
        server.send_message(message)
