from django.urls import URLPattern

app_name = "epa"
urlpatterns: list[URLPattern] = []
