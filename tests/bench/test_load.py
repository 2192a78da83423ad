"""Load on the real service and the real database, for a second."""

import shutil
from dataclasses import replace

import pytest

from bench.database import planners_token
from bench.exports import measure_exports
from bench.load import pgbench, wrk
from bench.measure import Target, measure
from bench.probe import ours, paths_of, probe
from bench.samples import Samples
from bench.server import Running
from bench.workload import EXPORTS, KEEPING, KNOWN, POSTGRESQL, WORKLOADS

BY_NAME = {workload.name: workload for workload in WORKLOADS}

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")


@needs_wrk
def test_wrk_makes_every_tile_anew_and_reports_what_it_did(samples: Samples, zgc: Running) -> None:
    workload = BY_NAME["tile_14"]
    paths = paths_of(workload, ours(workload), samples[workload.sample])
    rate = wrk(zgc, paths, seconds=1, turn=1)
    assert rate.per_second > 5
    assert rate.errors == 0
    assert 0 < rate.p50_ms <= rate.p99_ms


@needs_wrk
def test_failed_answers_are_counted_and_count_for_nothing(zgc: Running) -> None:
    rate = wrk(zgc, ["/ogc/collections/nothing/items"], seconds=1, turn=0)
    assert rate.errors > 0
    assert rate.per_second == pytest.approx(0, abs=1e-6)


def test_pgbench_runs_statements(bench_url: str) -> None:
    assert pgbench(bench_url, ["SELECT 1;", "SELECT 2;"], seconds=1).per_second > 100


@needs_wrk
def test_a_run_covers_server_and_database(samples: Samples, zgc: Running, bench_url: str) -> None:
    known = replace(zgc, name=KNOWN, token=planners_token(bench_url))
    targets = [
        Target("zgc", bench_url, samples, zgc),
        Target(KEEPING, bench_url, samples, replace(zgc, name=KEEPING)),
        Target(KNOWN, bench_url, samples, known),
        Target(POSTGRESQL, bench_url, samples, None),
    ]
    chosen = [BY_NAME["by_id"], BY_NAME["items_held"]]
    table = measure(chosen, targets, rounds=1, seconds=1, progress=lambda _: None)
    assert table["by_id"]["zgc"].per_second
    assert table["by_id"][POSTGRESQL].per_second
    assert table["items_held"][POSTGRESQL].per_second is None
    assert table["items_held"][KEEPING].errors == 0
    assert table["items_held"][KNOWN].per_second
    assert table["items_held"][KNOWN].errors == 0
    assert table["by_id"][KNOWN].per_second is None


def test_an_absent_resource_is_no_failure(zgc: Running) -> None:
    found = probe(zgc, ["/ogc/collections/parcels/wings"])
    assert (found.status, found.is_there) == (404, False)
    assert not probe(zgc, []).is_there


def test_an_export_is_timed_and_weighed(zgc: Running) -> None:
    found = measure_exports(EXPORTS, [zgc], 3_000, 1)
    for export in EXPORTS:
        one = found[export.name]["zgc"]
        assert one is not None
        assert one.megabytes > 1
        assert one.seconds > 0
