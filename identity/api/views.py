"""The same doors for programs: they call the same services and know no rule of their own."""

from __future__ import annotations

import uuid

from django.db import DatabaseError
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.api.methods import MethodsOutput
from identity.api.serializers import AttemptOutput, CaseOutput, StartAttemptInput
from identity.cases.models import IdentificationCase
from identity.cases.services import start_attempt
from identity.portal.access import account_of, actor_of, address_of_case
from identity.status.feed import feed, is_readable, tag
from identity.status.method_states import method_states

IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of the last answer."
)
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 304], description="Tag of this answer.")


class NotKnown(APIException):
    """Nothing can be read. Whoever asked has to treat every way as closed."""

    status_code = 503
    default_code = "not_known"
    default_detail = _("We cannot tell at the moment which ways are open. Please try again in a few minutes.")


class MethodsView(APIView):
    """GET tells the state of every method and purpose, to everybody (M8)."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="methods_list",
        summary="Which ways are open, which are suspended, since when and why",
        description=(
            "For everybody, without a log-in. Ask as often as you like: send the ETag of the last answer in "
            "If-None-Match, and as long as nothing has changed the answer is an empty 304. A planned suspension or its "
            "end changes the tag by itself at its moment. An answer that could not be read carries no tag and says "
            "`unreadable` or `unknown`: treat it as closed."
        ),
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: MethodsOutput, 304: None, 503: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> HttpResponseBase:
        try:
            asked = tag()  # read before the states: a change in between is told once more, never missed
            unchanged = get_conditional_response(request._request, etag=asked)
            if unchanged is not None:
                return _public(unchanged, asked)
            states = method_states()
        except DatabaseError as error:
            raise NotKnown from error
        return _public(Response(feed(states)), asked if is_readable(states) else "")


def _public(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """Any page may read it; it is kept only to be asked for again."""
    if etag:
        response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag"
    return response


class CasesView(APIView):
    """GET lists the cases of the person who is logged in, newest first."""

    @extend_schema(responses={200: CaseOutput(many=True)})
    def get(self, request: Request) -> Response:
        cases = IdentificationCase.objects.filter(insurant__account=account_of(request)).order_by("-opened_at")[:100]
        return Response({"cases": CaseOutput(cases, many=True).data})


class AttemptsView(APIView):
    """POST starts an attempt of a case, or continues the one that runs with this method."""

    @extend_schema(request=StartAttemptInput, responses={201: AttemptOutput})
    def post(self, request: Request, case_id: uuid.UUID) -> Response:
        body = StartAttemptInput(data=request.data)
        body.is_valid(raise_exception=True)
        own = IdentificationCase.objects.filter(insurant__account=account_of(request))
        case = get_object_or_404(own, public_id=case_id)
        attempt = start_attempt(
            case.public_id, body.validated_data["method"], return_url=address_of_case(case), actor=actor_of(request)
        )
        return Response(AttemptOutput(attempt).data, status=status.HTTP_201_CREATED)
