"""Pages that need no log-in and no database: imprint, privacy, accessibility, easy language; and staying logged in."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


def _page(template: str) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return a public view that shows one template and nothing else."""

    @login_not_required
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        return render(request, template)

    return view


imprint = _page("pages/imprint.html")
privacy = _page("pages/privacy.html")
accessibility = _page("pages/accessibility.html")
easy_language = _page("pages/easy_language.html")


@never_cache
@require_safe
def stay(request: HttpRequest) -> HttpResponse:
    """Lengthen the session of somebody who says that they are still there."""
    request.session.modified = True
    return HttpResponse(status=204)
