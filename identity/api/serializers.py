"""One class for the way in, one for the way out."""

from __future__ import annotations

from django.urls import reverse
from rest_framework import serializers

from identity.cases.models import Attempt, IdentificationCase


class StartAttemptInput(serializers.Serializer[None]):
    """Any code is taken: whether it is open to this person is for the gate to say."""

    method = serializers.CharField(max_length=30)


class CaseOutput(serializers.ModelSerializer[IdentificationCase]):
    id = serializers.UUIDField(source="public_id")
    frozen_since = serializers.DateTimeField(
        allow_null=True,
        help_text=(
            "Since when the case stands still because its way is suspended and its place is kept; null: it does not. "
            "Meanwhile nothing expires, and afterwards `expires_at` moves by the whole pause."
        ),
    )

    class Meta:
        model = IdentificationCase
        fields = [
            "id",
            "purpose",
            "state",
            "method",
            "opened_at",
            "declared_at",
            "expires_at",
            "frozen_since",
            "closed_at",
            "end_reason",
        ]


class AttemptOutput(serializers.ModelSerializer[Attempt]):
    """`continue_path` leads on to the provider; it is an address of ours and asks for the log-in."""

    case = serializers.UUIDField(source="case.public_id")
    continue_path = serializers.SerializerMethodField()

    class Meta:
        model = Attempt
        fields = ["id", "case", "method", "state", "progress", "reference", "valid_until", "continue_path"]

    def get_continue_path(self, attempt: Attempt) -> str:
        return reverse("identity:proceed", args=[attempt.pk])
