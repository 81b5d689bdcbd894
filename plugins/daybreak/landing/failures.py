"""What can go wrong between bytes and rows. Every message names the file, what happened and what to do next."""


class LandingFailure(RuntimeError):
    """A document could not be kept, or could not be read as the report it should be."""


class NoDiskToSpare(LandingFailure):
    """The landing disk is too full to keep a document; nothing of it was left behind."""


class LandedFileChanged(LandingFailure):
    """A landed file is gone or no longer holds the bytes that were received."""


class UnreadableDocument(LandingFailure):
    """The bytes are not a report document; they stay in landing as they came."""

    def __init__(self, file_name: str, problem: str, next_step: str) -> None:
        super().__init__(f"{file_name}: {problem}. {next_step}")
        self.file_name = file_name


class FailureDocument(UnreadableDocument):
    """A document in which Amazon says why it made no report.

    ``details`` holds Amazon's own words, without control characters.
    """

    def __init__(self, file_name: str, details: str) -> None:
        super().__init__(
            file_name,
            f"Amazon made no report and says why: {details}",
            "Nothing is published. Correct the request, or ask again later if the data is not available yet",
        )
        self.details = details


class WrongDocument(LandingFailure):
    """A readable report, but not the one that was asked for; ``differences`` names each point."""

    def __init__(self, file_name: str, account_id: str, dataset_key: str, differences: list[str]) -> None:
        super().__init__(
            f"{file_name}: this is not the {dataset_key} document of account {account_id}: {'; '.join(differences)}. "
            "Nothing is published. Check the account and dataset it was loaded for, or ask Amazon for the report again"
        )
        self.file_name = file_name
        self.differences = tuple(differences)
