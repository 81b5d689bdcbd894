"""Speaks Postgres: migrations, the ledger, COPY, publishing. Imports settings, accounts and datasets only."""
