"""Addresses of the pages of whoever is on call: facts laid aside, lag, health."""

from django.urls import URLPattern, URLResolver, path

from guantong.portal import views_facts, views_operations

urlpatterns: list[URLPattern | URLResolver] = [
    path("operations", views_operations.operations),
    path("operations.csv", views_operations.readings_csv),
    path("operations/timers", views_operations.try_timers),
    path("operations/facts", views_facts.facts),
    path("operations/facts/again", views_facts.try_kind),
    path("operations/facts/<uuid:id>", views_facts.fact),
    path("operations/facts/<uuid:id>/act", views_facts.act),
]
