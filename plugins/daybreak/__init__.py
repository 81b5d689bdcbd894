"""Daybreak: the daily controls of Amazon Vendor accounts."""
