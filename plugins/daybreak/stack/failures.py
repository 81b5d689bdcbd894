"""What can be expected to go wrong with the local stack."""


class StackFailure(RuntimeError):
    """The local stack cannot do what was asked; the message says what happened and where to look."""
