"""What people see: mail of the morning, charts and reports, in English and Italian. Pure: no database, no network."""
