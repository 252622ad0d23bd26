"""Prometheus metrics, for the monitoring alone."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django_prometheus.exports import ExportToDjangoView


@login_not_required
def guarded_metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics to who knows METRICS_TOKEN (Authorization: Bearer …); nobody else learns that they exist."""
    token = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not constant_time_compare(request.headers.get("Authorization", ""), token):
        raise Http404
    answer: HttpResponse = ExportToDjangoView(request)
    return answer
