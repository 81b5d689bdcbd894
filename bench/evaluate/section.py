"""The section ``evaluate``: every world in a process of its own, their counts added up, and figures with goals."""

import logging
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.evaluate.amazon import running_amazon
from bench.evaluate.kinds import LONGEST_TAIL, LONGEST_WARNING
from bench.evaluate.mornings import Mornings
from bench.evaluate.raised import read_lines
from bench.evaluate.scoring import KindScore, Score, score_world
from bench.evaluate.worlds import ACCOUNT_ID, EvaluatedWorld
from bench.figures import Figure, Section, Target
from bench.servers import bench_server

_RECALL, _PRECISION = Target("at least", 0.95), Target("at least", 0.90)
_RIGHT_CAUSE, _DAYS = Target("at least", 0.95), Target("at most", 1)
_TODAY, _NEW, _FLAPS = Target("at most", 15), Target("at most", 20), Target("at most", 0.02)


@dataclass(frozen=True)
class Evaluated:
    """What one world came to, and how long it took by phase."""

    world: EvaluatedWorld
    score: Score
    seconds: dict[str, float]


def evaluate_world(world: EvaluatedWorld, marts_every: int) -> Evaluated:
    """Lives through the mornings of ``world`` in a warehouse of its own, which is gone afterwards, and scores them."""
    logging.disable(logging.WARNING)
    with (
        tempfile.TemporaryDirectory(prefix="daybreak-evaluate-") as folder,
        bench_server() as server,
        server.warehouse() as dsn,
        running_amazon(world, Path(folder)) as amazon,
    ):
        # The warehouse is thrown away: no morning waits for the disk.
        mornings = Mornings(world, amazon, f"{dsn}?options=-c%20synchronous_commit%3Doff", Path(folder))
        mornings.run(marts_every)
        with mornings.phases.phase("scoring"):
            with psycopg.connect(dsn) as connection:
                lines = read_lines(connection, ACCOUNT_ID, world.first_morning, world.last_morning)
            truth = amazon.truth(world.first_morning - LONGEST_TAIL, world.last_morning + LONGEST_WARNING)
            score = score_world(truth, lines, world.first_morning, world.last_morning, world.asins)
    return Evaluated(world, score, dict(mornings.phases.seconds))


def evaluate(worlds: Sequence[EvaluatedWorld], jobs: int, marts_every: int, name: str) -> Section:
    """All ``worlds``, ``jobs`` at a time; a line on stderr when one is done."""
    done: list[Evaluated] = []
    with ProcessPoolExecutor(jobs) as pool:
        for future in as_completed([pool.submit(evaluate_world, world, marts_every) for world in worlds]):
            found = future.result()
            done.append(found)
            told = ", ".join(f"{phase} {seconds:.0f} s" for phase, seconds in found.seconds.items() if seconds >= 1)
            print(f"  seed {found.world.seed} ({len(done)} of {len(worlds)}): {told}", file=sys.stderr)
    done.sort(key=lambda each: each.world.seed)
    return make_section(done, name, marts_every)


def make_section(done: Sequence[Evaluated], name: str, marts_every: int) -> Section:
    """The figures of all worlds together; a kind that was neither there nor raised has none."""
    total = Score()
    for each in done:
        total.add(each.score)
    figures = [figure for kind, score in total.by_kind.items() for figure in _kind_figures(kind, score)]
    return Section(
        name, len(done), [*_line_figures(total), *figures], _details(done, total), _setting(done, marts_every)
    )


def _line_figures(total: Score) -> list[Figure]:
    told = [
        ("today_lines", "lines in the lane today, a morning and 1,000 products", total.per_thousand(total.today_lines),
         _TODAY),
        ("new_lines", "lines that are new, a morning and 1,000 products", total.per_thousand(total.new_lines), _NEW),
        ("flap_ratio", "stretches of a cause that end and begin anew within 3 days", total.flap_ratio, _FLAPS),
    ]  # fmt: skip
    return [Figure(name, meaning, [value], target) for name, meaning, value, target in told if value is not None]


def _kind_figures(kind: str, score: KindScore) -> list[Figure]:
    name = kind.lower()
    found_on_time = sorted(score.days_to_find)
    # Nine in ten are found within so many days: a mean would hide the ones that nobody sees for weeks.
    days = float(found_on_time[int(0.9 * (len(found_on_time) - 1))]) if found_on_time else None
    told = [
        (f"{name}.recall", f"{score.found} of {score.expected} found", score.recall, _RECALL),
        (f"{name}.precision", f"{score.right} of {score.raised} controls right", score.precision, _PRECISION),
        (f"{name}.days_to_find", "days from the first published figure, nine in ten within", days, _DAYS),
        (f"{name}.right_cause", "of those found, named with their cause", score.right_cause_ratio, _RIGHT_CAUSE),
    ]
    return [Figure(label, meaning, [value], target) for label, meaning, value, target in told if value is not None]


def _details(done: Sequence[Evaluated], total: Score) -> list[Figure]:
    phases = list(dict.fromkeys(phase for each in done for phase in each.seconds))
    return [
        *(
            Figure(f"seconds.{phase}", "seconds a world", [each.seconds.get(phase, 0.0) for each in done])
            for phase in phases
        ),
        *(
            Figure(f"false.{what.lower().replace(': ', '.')}", "false controls while this was there", [float(count)])
            for what, count in total.false_alarms.most_common()
        ),
        *(
            Figure(f"small.{kind.lower()}", f"found of {score.small} too small to be expected", [score.small_found])
            for kind, score in total.by_kind.items()
            if score.small
        ),
    ]


def _setting(done: Sequence[Evaluated], marts_every: int) -> dict[str, Any]:
    return {
        "seeds": [each.world.seed for each in done],
        "marts_every_days": marts_every,
        **({key: value for key, value in asdict(done[0].world).items() if key != "seed"} if done else {}),
    }
