"""What one would write first: a Django view that runs the same statement through a cursor, with all our middleware.

Environment: TOKEN, and DJANGO_SETTINGS_MODULE=tests.benchmarks.rivals.plain_settings.
"""

from __future__ import annotations

import hmac
import json
import os

from django.contrib.auth.decorators import login_not_required
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from identity.callbacks.storing import UPSERT


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, token: str) -> HttpResponse:
    if not hmac.compare_digest(token, os.environ["TOKEN"]):
        return HttpResponse(status=404)
    hint = json.loads(request.body)
    values = ["postident", "postident_branch", hint["caseId"], hint["referenceId"] or "", "callback"]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, values)
    return HttpResponse(status=204)


urlpatterns = [path("callbacks/postident/<str:token>", receive)]
application = get_wsgi_application()
