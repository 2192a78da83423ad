"""Who may import by the page, until there are accounts: a browser on the service's own machine."""

from starlette.requests import Request

from service.errors import ImportClosedError
from service.review.access import check_same_origin, is_this_machine


def check_importer(request: Request) -> None:
    """Let only a page pass that a browser on this machine has of this service.

    Raises:
        ImportClosedError: the request may come from another machine.
        CrossSiteError: a page of another site sent it, or a browser that does not tell.
    """
    if not is_this_machine(request):
        raise ImportClosedError(
            "importing by the page is for a browser on the machine of the service, which must"
            " listen to 127.0.0.1; elsewhere use ./zgc import"
        )
    if request.method != "GET":
        check_same_origin(request)
