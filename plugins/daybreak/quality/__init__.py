"""Speaks Great Expectations: suite in, verdict out. Imports no other room, and the library only when it judges."""
