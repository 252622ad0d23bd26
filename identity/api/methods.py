"""The shape of `/api/v1/methods`, for the schema. What fills it: `identity.status.feed`."""

from __future__ import annotations

from rest_framework import serializers

from identity.methods.choices import AssuranceLevel, Effect, Purpose, Setting
from identity.status.method_states import State
from identity.status.purposes import Openness

LEVELS = [level.name.lower() for level in AssuranceLevel]


class InBothLanguages(serializers.Serializer[None]):
    de = serializers.CharField()
    en = serializers.CharField()


class InThreeLanguages(InBothLanguages):
    de_plain = serializers.CharField(help_text="Plain German")


class OpeningOutput(serializers.Serializer[None]):
    """The codes of the ways that are open to every adult."""

    state = serializers.ChoiceField(choices=[each.value for each in Openness])
    online = serializers.ListField(child=serializers.CharField())
    in_person = serializers.ListField(child=serializers.CharField())


class OpeningsOutput(serializers.Serializer[None]):
    epa = OpeningOutput()
    pin = OpeningOutput()


class PurposeOutput(serializers.Serializer[None]):
    open = serializers.BooleanField(help_text="For every adult.")
    suspended = serializers.BooleanField()
    open_for_some = serializers.BooleanField(help_text="Admitted again, for some people first.")
    known = serializers.BooleanField(help_text="False: it could not be read. Treat it as closed.")
    admitted_from = serializers.DateField(allow_null=True)


class PurposesOutput(serializers.Serializer[None]):
    epa = PurposeOutput()
    pin = PurposeOutput()


class OrderOutput(serializers.Serializer[None]):
    """One order of suspension: past, in force, or planned. Empty scope (null) means everybody."""

    effective_from = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="Null: until further notice.")
    taken_back_at = serializers.DateTimeField(allow_null=True, help_text="As if it had never been.")
    readmitted_percent = serializers.IntegerField(
        allow_null=True, help_text="For how many of a hundred people it is over."
    )
    effect = serializers.ChoiceField(choices=Effect.values, help_text="What it means for those who have begun.")
    finish_until = serializers.DateTimeField(allow_null=True)
    void_since = serializers.DateTimeField(allow_null=True)
    authority = serializers.CharField()
    order_reference = serializers.CharField()
    link = serializers.URLField(allow_null=True)
    legal_basis = serializers.CharField(allow_null=True)
    text = InThreeLanguages()
    purpose = serializers.ChoiceField(choices=Purpose.values, allow_null=True)
    provider = serializers.CharField(allow_null=True)
    insurer_ik = serializers.CharField(allow_null=True)
    region = serializers.CharField(allow_null=True)


class MethodOutput(serializers.Serializer[None]):
    code = serializers.CharField()
    name = InBothLanguages()
    setting = serializers.ChoiceField(choices=Setting.values)
    assurance_level = serializers.ChoiceField(choices=LEVELS)
    minimum_age = serializers.IntegerField(help_text="Years.")
    recorded_by_staff_only = serializers.BooleanField()
    state = serializers.ChoiceField(choices=[each.value for each in State])
    since = serializers.CharField(allow_null=True, help_text="A day or a moment, ISO 8601.")
    purposes = PurposesOutput()
    suspensions = OrderOutput(many=True)


class MethodsOutput(serializers.Serializer[None]):
    as_of = serializers.DateTimeField()
    purposes = OpeningsOutput()
    methods = MethodOutput(many=True)
