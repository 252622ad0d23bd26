"""The same doors for programs: they call the same services and know no rule of their own."""

from __future__ import annotations

import uuid

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.api.serializers import AttemptOutput, CaseOutput, StartAttemptInput
from identity.cases.models import IdentificationCase
from identity.cases.services import start_attempt
from identity.portal.access import account_of, actor_of, address_of_case
from identity.portal.method_states import feed, method_states


class MethodsView(APIView):
    """GET tells the state of every method, to everybody (M8)."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        return Response(feed(method_states()))


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
