"""From bytes to typed rows: documents kept as received, their rows ready for ``COPY``. No network, no database."""
