"""Memory stays flat: ten times as many features take no more of it, in the service and in workers.

Peaks are those of the kernel, from the process's start: `ru_maxrss` of one that pytest starts would
be pytest's. Of 30,000 features more, anybody who kept all would hold their texts
at least, 92 MB; the bound leaves room for buffers that 6,000 features do not fill yet.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from geodata.formats.catalog import FORMATS

ROOT = Path(__file__).resolve().parents[3]
BOUND_MB = 60
LIMIT_MB = 250
FEW, MANY = 6_000, 36_000

FILL = """
INSERT INTO parcels
  (id, name_zh, name_en, source, as_of, boundary_status, parcel_code, land_use, geom)
SELECT 'parcel-' || n, repeat(md5(n::text), 32), repeat(md5(n::text), 32),
       repeat(md5(n::text), 32), '2011-01-01', 'schematic',
       lpad(n::text, 12, '0') || 'GB00001', 'X:1',
       ST_Multi(ST_MakeEnvelope(116, 39, 116.01, 39.01, 4490))
FROM generate_series(1, :count) AS n
"""

PEAKS = """
import asyncio, resource, sys
from sqlalchemy import select
from geodata.database.pool import open_pool
from geodata.database.tables import METADATA, layer_table
from geodata.formats.catalog import find_format
from geodata.formats.export import export
from layers.catalog import CATALOG

url, names, *counts = sys.argv[1:]
layer = CATALOG.get("parcels")
table = layer_table(METADATA, layer)
columns = [table.c.name_zh, table.c.name_en, table.c.source, table.c.accuracy_m]

def peaks():
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return int(status["VmHWM"].split()[0]) // 1024, workers // 1024

async def main():
    pool = await open_pool(url, size=1, statement_timeout_s=5)
    for count in counts:
        chosen = select(*columns).order_by(table.c.id).limit(int(count))
        for name in names.split():
            async for _ in await export(pool, layer, chosen, find_format(name)):
                pass
        print(*peaks())
    await pool.close()

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def full_url(hard_url, hard_engine):
    """The database of the made-up layers, with parcels enough."""
    with hard_engine.begin() as connection:
        connection.execute(text("ALTER TABLE parcels DISABLE TRIGGER USER"))
        connection.execute(text("ALTER TABLE parcels ALTER feature SET DEFAULT '{}'"))
        connection.execute(text("ALTER TABLE parcels ALTER recorded_at SET DEFAULT now()"))
        connection.execute(text("ALTER TABLE parcels ALTER recorded_by SET DEFAULT 'test'"))
        connection.execute(text(FILL), {"count": MANY})
    return hard_url


TEXTS = "geojson geojsonseq csv"
IN_WORKERS = [row.name for row in FORMATS if row.name not in TEXTS.split()]


@pytest.mark.parametrize("names", [TEXTS, *IN_WORKERS])
def test_ten_times_the_features_take_no_more_memory(full_url, names):
    words = (sys.executable, "-c", PEAKS, full_url, names, str(FEW), str(MANY))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    out = subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout
    few, many = ([int(peak) for peak in line.split()] for line in out.splitlines())
    assert all(more - less < BOUND_MB for less, more in zip(few, many, strict=True)), (few, many)
    assert max(many) < LIMIT_MB, many
