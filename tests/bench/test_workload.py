"""Every declared workload can be asked of the service and of PostgreSQL, with equal payload."""

import psycopg
import pytest

from bench.probe import ask, ours, paths_of, probe
from bench.samples import Samples
from bench.server import Running
from bench.workload import EXPORTS, PEERS, SERVERS, WORKLOADS, Sample, Workload

BY_NAME = {workload.name: workload for workload in WORKLOADS}


def test_names_are_unique_and_servers_are_known() -> None:
    assert len(BY_NAME) == len(WORKLOADS)
    for declared in (*WORKLOADS, *EXPORTS):
        assert set(declared.paths) <= set(SERVERS)


def test_cost_is_followed_for_an_id_a_box_and_pages() -> None:
    growing = [workload.name for workload in WORKLOADS if workload.grows]
    assert growing == ["items_100", "items_deep", "bbox", "by_id"]


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_templates_name_only_fields_of_their_samples(workload: Workload, samples: Samples) -> None:
    drawn = samples[workload.sample]
    assert drawn
    for server in (ours(workload), *PEERS):
        assert len(paths_of(workload, server, drawn)) == len(drawn)
    for sample in drawn:
        (workload.sql or "").format(**sample)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_the_service_answers_each_workload(
    workload: Workload, samples: Samples, zgc: Running
) -> None:
    found = probe(zgc, paths_of(workload, ours(workload), samples[workload.sample]))
    assert found.is_there
    assert found.bytes > 100
    assert found.tag


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("items_10", 10, 10),
        ("items_1000", 1000, 1000),
        ("items_deep", 100, 100),
        ("bbox", 450, 750),
        ("point", 1, 1),
        ("by_id", 1, 1),
    ],
)
def test_answers_hold_as_many_features_as_the_title_says(
    name: str, least: float, most: float, samples: Samples, zgc: Running
) -> None:
    workload = BY_NAME[name]
    found = probe(zgc, paths_of(workload, ours(workload), samples[workload.sample]))
    assert found.features is not None
    assert least <= found.features <= most


@pytest.mark.parametrize(
    "workload", [each for each in WORKLOADS if each.sql], ids=lambda workload: workload.name
)
def test_each_statement_gives_as_many_features_as_the_service(
    workload: Workload, samples: Samples, zgc: Running, bench_url: str
) -> None:
    if workload.sample in (Sample.TILE_12, Sample.TILE_14):
        pytest.skip("not counted by feature")
    sample = samples[workload.sample][0]
    path = paths_of(workload, ours(workload), [sample])[0]
    with psycopg.connect(bench_url) as connection:
        rows = connection.execute(str(workload.sql).format(**sample)).fetchall()
    assert probe(zgc, [path]).features == len(rows)


def test_tiles_of_service_and_statement_are_of_a_size(
    samples: Samples, zgc: Running, bench_url: str
) -> None:
    for kind, name in ((Sample.TILE_14, "tile_14"), (Sample.TILE_12, "tile_12")):
        sample = samples[kind][0]
        path = paths_of(BY_NAME[name], "zgc", [sample])[0]
        with psycopg.connect(bench_url) as connection:
            row = connection.execute((BY_NAME[name].sql or "").format(**sample)).fetchone()
        assert row is not None
        assert len(ask(zgc, path).body) == pytest.approx(len(row[0]), rel=0.2)
