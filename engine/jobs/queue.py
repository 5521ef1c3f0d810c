"""Redis wakes workers; it never holds what is due. A job of RQ says one thing: look into the database now.

- One entry name. A job that names anything else is refused before anything is imported, and its data is JSON.
- Nothing of a record is in Redis. What it loses, by a flush or a crash, the next look of a worker finds again.
- Each worker also looks by itself each second: it asks for a round through Redis, or, when Redis is away, does it.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from engine.jobs.worker import IDLE, Worker
from engine.runtime import Runtime

ENTRY = "crm.round"  # a name, not a path: nothing is imported by it
ENOUGH = 2  # rounds that wait already; more would find nothing to do
PATIENCE = 0.5  # seconds that a caller gives Redis
LONGEST_WAIT = 2.0  # seconds between two tries to reach Redis

logging.getLogger("rq").setLevel(logging.CRITICAL)  # what matters is told by the metrics and the queue's screen


class WrongJob(Exception):
    """Somebody put a job into Redis that is not ours."""


class Bell:
    """Asks whatever worker is free for a round."""

    def __init__(self, runtime: Runtime) -> None:
        connection = Redis.from_url(
            str(runtime.settings.redis_url), socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        )
        self.queue = Queue(queue_name(runtime), connection=connection, serializer=JSONSerializer)

    def ring(self) -> bool:
        """False when Redis does not answer."""
        try:
            if self.queue.count < ENOUGH:
                self.queue.enqueue_call(ENTRY, timeout=-1, result_ttl=0, failure_ttl=60, ttl=60)
        except RedisError:
            return False
        return True


class Looker(Worker):
    """Beside RQ's own loop in `crm work`: looks each second whether anything is due."""

    def __init__(self, runtime: Runtime, at_work: threading.Lock) -> None:
        super().__init__(runtime)
        self.bell = Bell(runtime)
        self.at_work = at_work

    def step(self) -> int:
        """Time is looked at here; what it made due is done by whoever hears the bell, or here when nobody can."""
        self.sweep()
        round = self.round()
        due = round.look(self.runtime.clock())
        if not due or self.bell.ring():
            return 0
        with self.at_work:
            return round.run(self.runtime.clock())


def work(runtime: Runtime) -> None:
    """Works until told to end. Raises nothing for a Redis that goes away: the looker goes on."""
    at_work = threading.Lock()
    looker = Looker(runtime, at_work)
    worker = _worker(runtime, _rounds(looker, at_work))
    looker.start()
    try:
        while not looker.ended.is_set():
            try:
                worker.work(logging_level="CRITICAL")
                break  # told to end
            except RedisError:
                looker.ended.wait(IDLE)
    finally:
        looker.stop()
        looker.join(timeout=30)


def queue_name(runtime: Runtime) -> str:
    """Of this set and database, so that several firms may share a Redis."""
    database = hashlib.sha256(runtime.settings.database_url.encode()).hexdigest()[:12]
    return f"crm-{runtime.current.blueprint.manifest.name}-{database}"


def _rounds(looker: Looker, at_work: threading.Lock) -> Callable[[], int]:
    def rounds() -> int:
        with at_work:
            round, clock = looker.round(), looker.runtime.clock
            return sum(iter(lambda: round.run(clock()), 0))  # until there is nothing to do

    return rounds


def _worker(runtime: Runtime, rounds: Callable[[], int]) -> SimpleWorker:
    connection = Redis.from_url(str(runtime.settings.redis_url), socket_connect_timeout=PATIENCE)
    job_class = _only(rounds)
    queue = Queue(queue_name(runtime), connection=connection, serializer=JSONSerializer, job_class=job_class)
    worker = SimpleWorker(
        [queue], connection=connection, serializer=JSONSerializer, job_class=job_class, worker_ttl=30,
        job_monitoring_interval=5, maintenance_interval=10,
    )  # fmt: skip
    worker.max_connection_wait_time = LONGEST_WAIT
    return worker


def _only(rounds: Callable[[], int]) -> type[Job]:
    """A kind of job that can be nothing but a round."""

    class OnlyRounds(Job):
        @property
        def func(self) -> Any:
            if self.func_name != ENTRY:
                raise WrongJob(f"A job named {str(self.func_name)[:80]} is not of this program.")
            return lambda *args, **kwargs: rounds()

    return OnlyRounds
