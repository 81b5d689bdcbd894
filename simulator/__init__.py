"""A Selling Partner API of its own: logins, quotas, reports and documents over a world made from a seed.

It runs as a process (``python -m simulator serve``), is imported by nobody and imports nothing of Daybreak,
so that a mistake in reading Amazon's interface cannot be shared by both sides.
"""
