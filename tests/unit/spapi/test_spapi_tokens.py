"""One login for all who ask at once, a token no longer than it lives."""

import os
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.failures import LoginRefused, SpApiFailure
from daybreak.spapi.reports import get_report
from daybreak.spapi.session import SellingPartnerSession
from daybreak.spapi.tokens import TokenStore
from tests.unit.spapi.fake_amazon import FakeAmazon, after, as_json, refusal, report

REPORT = "/reports/2021-06-30/reports/744201019124"
MakeSession = Callable[..., SellingPartnerSession]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def in_threads(count: int, work: Callable[[], object]) -> list[object]:
    """What ``work`` gave or raised in each of ``count`` threads that start together."""
    gate = threading.Barrier(count)

    def run() -> object:
        gate.wait()
        try:
            return work()
        except SpApiFailure as failure:
            return failure

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


def test_eight_threads_with_one_credential_log_in_once(amazon: FakeAmazon, make_session: MakeSession) -> None:
    login = amazon.reply_to  # the server's own answer, made slow so that all the threads meet at the door
    amazon.reply_to = lambda asked: after(0.2, login(asked)) if "token" in asked.path else login(asked)  # type: ignore[method-assign]
    amazon.on("GET", REPORT, as_json(200, report()))
    sessions = iter([make_session() for _ in range(8)])
    lock = threading.Lock()

    def work() -> object:
        with lock:
            own = next(sessions)
        return get_report(own, "744201019124").status

    assert in_threads(8, work) == ["IN_PROGRESS"] * 8
    assert amazon.logins == 1
    assert len({asked.headers["x-amz-access-token"] for asked in amazon.calls("GET", REPORT)}) == 1


def test_threads_that_waited_for_a_refused_login_share_the_refusal(
    amazon: FakeAmazon, make_session: MakeSession
) -> None:
    amazon.on("POST", "/auth/o2/token", after(0.3, as_json(400, {"error": "invalid_grant", "error_description": "no"})))
    session = make_session()
    outcomes = in_threads(8, lambda: get_report(session, "744201019124"))
    assert all(isinstance(outcome, LoginRefused) for outcome in outcomes)
    assert len({id(outcome) for outcome in outcomes}) == 8
    assert len(amazon.calls("POST", "/auth/o2/token")) == 1


def test_a_refused_login_is_tried_anew_by_the_next_call(amazon: FakeAmazon, make_session: MakeSession) -> None:
    amazon.on("POST", "/auth/o2/token", as_json(400, {"error": "invalid_grant"}))
    for _ in range(2):
        with pytest.raises(LoginRefused):
            get_report(make_session(), "744201019124")
    assert len(amazon.calls("POST", "/auth/o2/token")) == 2


def test_eight_threads_with_one_expired_token_log_in_once_more(amazon: FakeAmazon, make_session: MakeSession) -> None:
    session = make_session(patience_seconds=10.0)  # seventeen calls are more than the burst
    amazon.on("GET", REPORT, as_json(200, report()))
    get_report(session, "744201019124")
    stale = amazon.calls("GET", REPORT)[0].headers["x-amz-access-token"]
    expired = refusal(403, "Unauthorized", "denied", "The access token you provided has expired.")
    answers = amazon.reply_to
    amazon.reply_to = lambda asked: (  # type: ignore[method-assign]
        answers(asked) if asked.headers.get("x-amz-access-token") != stale else after(0.1, expired)
    )
    outcomes = in_threads(8, lambda: get_report(session, "744201019124").status)
    assert outcomes == ["IN_PROGRESS"] * 8
    assert amazon.logins == 2


@pytest.mark.parametrize(("seconds", "good_for"), [(3600, 3540), (300, 270), (10, 9)])
def test_a_token_is_used_until_shortly_before_its_end(
    credential: SellingPartnerCredential, seconds: float, good_for: float
) -> None:
    clock = Clock()
    store = TokenStore(clock)
    issued = iter(f"token-number-{number}" for number in range(3))

    def login() -> tuple[str, float]:
        return next(issued), seconds

    assert store.token(credential, login) == "token-number-0"
    clock.now = good_for - 0.001
    assert store.token(credential, login) == "token-number-0"
    clock.now = good_for
    assert store.token(credential, login) == "token-number-1"


def test_dropping_an_old_token_leaves_the_new_one(credential: SellingPartnerCredential) -> None:
    store = TokenStore(Clock())
    issued = iter([secrets.token_hex(16), secrets.token_hex(16)])

    def login() -> tuple[str, float]:
        return next(issued), 3600

    first = store.token(credential, login)
    store.drop(credential, first)
    second = store.token(credential, login)
    store.drop(credential, first)
    assert store.token(credential, login) == second != first


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_forked_during_a_login_is_not_stuck(credential: SellingPartnerCredential) -> None:
    store = TokenStore()
    logging_in, may_end = threading.Event(), threading.Event()

    def slow_login() -> tuple[str, float]:
        logging_in.set()
        may_end.wait(10)
        return secrets.token_hex(16), 3600

    thread = threading.Thread(target=store.token, args=(credential, slow_login))
    thread.start()
    logging_in.wait(10)
    child = os.fork()
    if child == 0:
        os._exit(0 if store.token(credential, lambda: ("of-the-child", 3600)) == "of-the-child" else 1)
    deadline = time.monotonic() + 10
    ended = (0, 0)
    while ended[0] == 0 and time.monotonic() < deadline:
        ended = os.waitpid(child, os.WNOHANG)
        time.sleep(0.02)
    may_end.set()
    thread.join()
    if ended[0] == 0:
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert ended == (child, 0)
