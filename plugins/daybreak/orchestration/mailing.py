"""Hands mail to the server of an Airflow connection of type SMTP: TLS, login and OAuth are the provider's."""

import smtplib
from email.message import EmailMessage
from email.utils import formatdate
from typing import cast

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

from daybreak.board.letter import Letter
from daybreak.steps.notices import NoticeRefused


class Mailer:
    """Sends letters by one connection. After the server itself failed it is not waited for again in this task."""

    def __init__(self, connection_id: str) -> None:
        self.connection_id = connection_id
        self._failure: str | None = None

    def is_configured(self) -> bool:
        """Whether Airflow has the connection."""
        try:
            BaseHook.get_connection(self.connection_id)
        except AirflowNotFoundException:
            return False
        return True

    def send(self, letter: Letter, address: str, message_id: str) -> None:
        """Afterwards the server has taken the letter.

        Raises:
            NoticeRefused: it refused the recipient, the sender or the login, or it does not answer.
        """
        if self._failure:
            raise NoticeRefused(f"not tried, the mail server failed before: {self._failure}")
        try:
            with SmtpHook(smtp_conn_id=self.connection_id) as hook:
                self._hand_over(hook, letter, address, message_id)
        except smtplib.SMTPRecipientsRefused as refused:
            code, words = refused.recipients.get(address, (0, b"refused"))
            raise NoticeRefused(
                f"the mail server refuses {address}: {code} {_text(words)}; correct accounts.yml"
            ) from None
        except smtplib.SMTPResponseException as refused:
            self._fail(f"it answers {refused.smtp_code} {_text(refused.smtp_error)}")
        except (smtplib.SMTPException, OSError, AirflowException) as failed:
            self._fail(f"{type(failed).__name__}: {failed}")

    def _hand_over(self, hook: SmtpHook, letter: Letter, address: str, message_id: str) -> None:
        if not hook.from_email:
            self._fail("the connection names no sender: add from_email to its extra")
        message = mail_message(letter, str(hook.from_email), address, message_id)
        # The hook's own method sends no text beside the page and no picture within it; its client does.
        client = cast("smtplib.SMTP", hook._smtp_client)
        client.send_message(message)

    def _fail(self, why: str) -> None:
        self._failure = f"{why} (Airflow connection {self.connection_id})"
        raise NoticeRefused(f"the mail server did not take it: {self._failure}") from None


def mail_message(letter: Letter, sender: str, address: str, message_id: str) -> EmailMessage:
    """The letter as a mail: a text part, and a page with its pictures beside it."""
    message = EmailMessage()
    message["Subject"] = letter.subject
    message["From"] = sender
    message["To"] = address
    message["Date"] = formatdate()
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # so that no absent person's reply comes back
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    page = cast("list[EmailMessage]", message.get_payload())[1]
    for chart in letter.charts:
        page.add_related(chart.png(), "image", "png", cid=f"<{chart.name}>", filename=f"{chart.name}.png")
    return message


def _text(words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return " ".join(text.split())
