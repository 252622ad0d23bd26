"""A small site for the tests of core."""

from typing import NoReturn

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from core import health
from core.errors import DomainError
from core.limits import LimitReached


class NotToday(DomainError):
    code = "not_today"
    message = _("That is not possible at the moment.")


@login_not_required
def refuse(request: HttpRequest) -> NoReturn:
    raise NotToday("secret reason")


@login_not_required
def limited(request: HttpRequest) -> NoReturn:
    raise LimitReached("link", 17)


@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine")


@login_not_required
def page_with_nonce(request: HttpRequest) -> HttpResponse:
    template = engines["django"].from_string('<script nonce="{{ request.csp_nonce }}"></script>')
    return HttpResponse(template.render({}, request))


@login_not_required
def page_with_policy(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine", headers={"Content-Security-Policy": "sandbox"})


class Input(serializers.Serializer[None]):
    name = serializers.CharField()


class Api(APIView):
    """POST raises what `?raise=` names."""

    permission_classes = []

    def post(self, request: Request) -> NoReturn:
        match request.query_params["raise"]:
            case "domain":
                raise NotToday
            case "limit":
                raise LimitReached("link", 17)
            case "validation":
                Input(data=request.data).is_valid(raise_exception=True)
            case "missing":
                raise Http404
            case "forbidden":
                raise PermissionDenied
        raise ZeroDivisionError


class MembersOnly(APIView):
    def get(self, request: Request) -> NoReturn:
        raise ZeroDivisionError


urlpatterns = [
    path("refuse", refuse),
    path("limited", limited),
    path("page", page),
    path("page-with-nonce", page_with_nonce),
    path("page-with-policy", page_with_policy),
    path("api", login_not_required(Api.as_view())),
    path("members", login_not_required(MembersOnly.as_view())),
    path("healthz/live", health.live),
    path("healthz/ready", health.ready),
]
