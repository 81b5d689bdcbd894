"""A message to people, whatever carries it."""

import base64
from dataclasses import dataclass

from daybreak.board.charts import Chart


@dataclass(frozen=True)
class Letter:
    """A message before it is addressed: a mail, and in ``summary`` the few lines that a chat shows.

    ``html`` names its pictures ``cid:<name of the chart>``.
    """

    subject: str
    text: str
    html: str
    charts: tuple[Chart, ...]
    summary: str

    def page(self) -> str:
        """The mail as one page for a browser, its pictures inside."""
        page = self.html
        for chart in self.charts:
            drawn = base64.b64encode(chart.svg().encode()).decode()
            # As an image, a drawing runs nothing, whatever a product is called.
            page = page.replace(f"cid:{chart.name}", f"data:image/svg+xml;base64,{drawn}")
        return page
