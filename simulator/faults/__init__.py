"""What can be made to go wrong on purpose, and how each fault looks on the wire."""
