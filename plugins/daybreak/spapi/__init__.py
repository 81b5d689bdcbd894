"""Speaks HTTPS with Amazon: sessions, quota, reports, and what each failure means.

Nothing here knows Postgres or Airflow: a session is given a credential and a quota gate, and gives back decoded
answers or raises one :class:`~daybreak.spapi.failures.SpApiFailure` that says what must be done.
"""
