"""Run by QGIS's own Python: what its OGC API - Features provider finds, as JSON.

Arguments: address of the API, page size. Not a test by itself.
"""

import json
import sys

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer

BOX = (116.2, 39.9, 116.4, 40.1)


def read(address: str, name: str, page: str) -> dict[str, object]:
    """One layer: whole, in a box, and by an expression."""
    source = f" url='{address}' typename='{name}' pagingEnabled='true' pageSize='{page}'"
    layer = QgsVectorLayer(source, name, "OAPIF")
    boxed = QgsFeatureRequest().setFilterRect(QgsRectangle(*BOX))
    chosen = QgsFeatureRequest().setFilterExpression("\"boundary_status\" = 'schematic'")
    return {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "names": [field.name() for field in layer.fields()],
        "ids": [feature["id"] for feature in layer.getFeatures()],
        "in_box": [feature["id"] for feature in layer.getFeatures(boxed)],
        "schematic": [feature["id"] for feature in layer.getFeatures(chosen)],
    }


def main(address: str, page: str, *names: str) -> None:
    """Print what is found."""
    application = QgsApplication([], False)
    application.initQgis()
    json.dump({name: read(address, name, page) for name in names}, sys.stdout)


main(*sys.argv[1:])
