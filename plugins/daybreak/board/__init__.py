"""What people see: mail, charts and reports, in English and Italian. Pure: no database, no network."""
