"""Where each address of the citizen end leads: no address of the official end is known here."""

from django.urls import path

from guantong.portal import views_account, views_documents
from guantong.portal.citizen import views, views_household, views_looks, views_notices
from guantong.portal.urls_account import shared

handler500 = "guantong.portal.store_away.fault"
urlpatterns = [
    path("", views.home),
    path("healthz", views_account.healthz),
    path("register", views.register),
    path("sign-in", views_account.sign_in),
    path("sign-out", views_account.sign_out),
    path("language", views_account.choose_language),
    path("reading", views.choose_reading),
    path("notices", views_notices.inbox),
    path("notices/<uuid:id>", views_notices.notice),
    path("notices/<uuid:id>/accept", views_notices.accept),
    path("looks", views_looks.looks),
    path("looks.csv", views_looks.looks_csv),
    path("looks/<uuid:id>/contest", views_looks.contest),
    path("household", views_household.household),
    path("household/<uuid:id>/leave", views_household.leave),
    path("verify", views_documents.verify),
    path("verify/<str:code>", views_documents.verify_code),
    *shared,
]
