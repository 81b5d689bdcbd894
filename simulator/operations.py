"""Which operations are served, and Amazon's default usage plan for each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """``rate`` in calls per second, ``burst`` in calls."""

    name: str
    rate: float
    burst: int


SPAPI_OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("createReport", 0.0167, 15),
        Operation("getReport", 2.0, 15),
        Operation("getReports", 0.0222, 10),
        Operation("cancelReport", 0.0222, 10),
        Operation("getReportDocument", 0.0167, 15),
    )
}
REQUEST_ACCESS_TOKEN = "requestAccessToken"  # noqa: S105  the name of an operation
DOWNLOAD_DOCUMENT = "downloadDocument"
ALL_OPERATIONS = frozenset({*SPAPI_OPERATIONS, REQUEST_ACCESS_TOKEN, DOWNLOAD_DOCUMENT})
