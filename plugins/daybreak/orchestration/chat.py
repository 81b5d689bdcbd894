"""Hands a few lines to a chat by an Airflow connection of type Apprise, which speaks to Slack, Teams and others."""

import logging

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from daybreak.board.letter import Letter
from daybreak.steps.notices import NoticeRefused


def send_chat(letter: Letter, connection_id: str) -> None:
    """Afterwards every service of the connection has taken the letter's summary.

    A service is given four seconds to answer, or what its address says (``cto``, ``rto``).

    Raises:
        NoticeRefused: the connection is missing or unusable, or a service refused or did not answer.
    """
    # Not at the top: a DAG file is read many times a minute, and a message is sent once a morning.
    import apprise  # noqa: PLC0415
    from airflow.providers.apprise.hooks.apprise import AppriseHook  # noqa: PLC0415

    try:
        connection = BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        raise NoticeRefused(f"Airflow has no connection {connection_id}: add it, or correct its name") from None
    services = apprise.Apprise()
    try:
        AppriseHook(apprise_conn_id=connection_id).set_config_from_conn(connection, services)
    except (KeyError, ValueError, TypeError):
        raise NoticeRefused(f"the connection {connection_id} holds no Apprise config") from None
    if not len(services):
        raise NoticeRefused(f"the connection {connection_id} names no service that Apprise knows")
    # The hook's own notify forgets whether anything went out.
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as said:  # type: ignore[no-untyped-call]
        is_sent = services.notify(body=letter.summary, title=letter.subject, body_format=apprise.NotifyFormat.TEXT)
        words = " ".join(said.getvalue().split())
    if not is_sent:
        raise NoticeRefused(f"the chat of {connection_id} did not take it: {words or 'it gave no reason'}")
