"""The plan's areas, and synthetic rows as a reader of files would see them."""

import pytest

from geodata.plan.load import Inventory, read_inventory
from geodata.synthetic.areas import Areas, parks


@pytest.fixture(scope="session")
def inventory() -> Inventory:
    return read_inventory()


@pytest.fixture(scope="session")
def areas(inventory: Inventory) -> Areas:
    return parks(inventory)
