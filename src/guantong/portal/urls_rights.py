"""Addresses of the pages of rights explained, and of requests to see sealed fields."""

from django.urls import URLPattern, URLResolver, path

from guantong.portal import views_contests, views_requests, views_rights

urlpatterns: list[URLPattern | URLResolver] = [
    path("rights", views_rights.start),
    path("rights/mine", views_rights.mine),
    path("rights/why", views_rights.why),
    path("rights/ask/<str:kind>/<uuid:id>", views_requests.ask),
    path("rights/requests", views_requests.requests),
    path("rights/requests/<uuid:id>", views_requests.one),
    path("rights/requests/<uuid:id>/act", views_requests.act),
    path("contests", views_contests.contests),
    path("contests/<uuid:id>", views_contests.one),
    path("contests/<uuid:id>/answer", views_contests.answer),
]
