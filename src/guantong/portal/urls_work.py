"""Addresses of the officers' work pages and of everything around the account."""

from django.urls import path

from guantong.portal import (
    views_account,
    views_case,
    views_export,
    views_headcount,
    views_inbox,
    views_object,
    views_opening,
    views_residents,
    views_search,
    views_task,
)

urlpatterns = [
    path("", views_account.home),
    path("healthz", views_account.healthz),
    path("sign-in", views_account.sign_in),
    path("sign-out", views_account.sign_out),
    path("language", views_account.choose_language),
    path("realm", views_account.choose_realm),
    path("inbox", views_inbox.inbox),
    path("inbox/accept", views_inbox.accept_many),
    path("inbox.csv", views_export.inbox_csv),
    path("cases", views_case.cases),
    path("cases/new/<str:package>/<str:process>", views_opening.new),
    path("cases.csv", views_export.cases_csv),
    path("cases/<uuid:id>", views_case.case),
    path("cases/<uuid:id>/process.bpmn", views_case.process_picture),
    path("tasks/<uuid:id>", views_task.task),
    path("tasks/<uuid:id>/act", views_task.act),
    path("evacuation", views_headcount.evacuation),
    path("evacuation/<str:division>", views_headcount.evacuation),
    path("objects/<uuid:id>", views_object.show),
    path("objects/<uuid:id>/report", views_object.report),
    path("objects/<uuid:id>/residents", views_residents.invite),
    path("objects/<uuid:id>/residents/<uuid:residence_id>/end", views_residents.end),
    path("objects.csv", views_export.objects_csv),
    path("search", views_search.search),
]
