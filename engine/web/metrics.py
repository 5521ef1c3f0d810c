"""Counts for Prometheus: requests by route, method and status; how long they took; how many wait.

Routes are named by their pattern, so that addresses neither fill the memory nor tell what people look at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import Scope

from engine.records.queues import Line
from engine.records.workers import Crew

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)  # seconds
METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"})
MEDIA_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """`waiting` tells how many requests are in the line and in work now."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "crm_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "crm_request_seconds", "From the request's head to its answer's end.", ("route",),
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.registry.register(_Waiting(waiting))
        self._known: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    def saw(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"]
        key = (_pattern(scope), method if method in METHODS else "other", status)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (self.requests.labels(*key), self.seconds.labels(key[0]))
        known[0].inc()
        known[1].observe(seconds)

    def text(self) -> bytes:
        """Of all worker processes when they share a folder (PROMETHEUS_MULTIPROC_DIR), else of this one."""
        if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            return generate_latest(self.registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)
        return generate_latest(shared)


def as_text(lines: Iterable[Line], scheduler: int | None, crew: Crew) -> bytes:
    """How the work stands, read from the database when it is asked for: the same whichever process answers."""
    waiting = GaugeMetricFamily("crm_work_waiting", "What is to be done, now or later.", labels=("line",))
    oldest = GaugeMetricFamily("crm_work_behind_seconds", "Age of what should have been done first.", labels=("line",))
    failed = GaugeMetricFamily("crm_work_failed", "What failed, until somebody settles it.", labels=("line",))
    for line in lines:
        for family, value in ((waiting, line.waiting), (oldest, line.oldest or 0), (failed, line.failed)):
            family.add_metric((line.name,), value)
    looked = GaugeMetricFamily("crm_scheduler_seconds", "Seconds since time rules were looked after.")
    if scheduler is not None:
        looked.add_metric((), scheduler)
    workers = GaugeMetricFamily("crm_workers", "Workers that are at work.", value=crew.at_work)
    lost = GaugeMetricFamily("crm_workers_lost", "Workers that died within a day.", value=crew.lost)
    registry = CollectorRegistry()
    registry.register(_Fixed((waiting, oldest, failed, looked, workers, lost)))
    return generate_latest(registry)


class _Fixed:
    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self.families = tuple(families)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self.families


class _Waiting:
    def __init__(self, waiting: Callable[[], int]) -> None:
        self.waiting = waiting

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("crm_requests_waiting", "Requests in the line and in work.", value=self.waiting())


def _pattern(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "none")
