"""Where each address of the citizen end leads: no address of the official end is known here."""

from django.urls import path

from guantong.portal import views_account
from guantong.portal.citizen import views
from guantong.portal.urls_account import shared

urlpatterns = [
    path("", views.home),
    path("healthz", views_account.healthz),
    path("register", views.register),
    path("sign-in", views_account.sign_in),
    path("sign-out", views_account.sign_out),
    path("language", views_account.choose_language),
    *shared,
]
