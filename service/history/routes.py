"""`/api/history`: what became of a feature."""

from fastapi import APIRouter, Request

from layers.catalog import CATALOG
from service.history.document import HistoryDocument, history_document
from service.history.reader import history_for

router = APIRouter(tags=["History"])


@router.get("/api/history/{layer}/{id}", summary="History of a feature")
async def feature_history(request: Request, layer: str, id: str) -> HistoryDocument:
    """Every change of a feature, removed ones too: when and what; for staff also who and why."""
    found = CATALOG.get(layer)
    return history_document(found, id, await history_for(request, found, id))
