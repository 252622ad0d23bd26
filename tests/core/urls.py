"""A small site for the tests of core."""

from django.urls import path

urlpatterns: list[object] = []
_ = path
