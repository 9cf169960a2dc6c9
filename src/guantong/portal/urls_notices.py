"""Addresses of the pages of notices and receipts."""

from django.urls import URLPattern, URLResolver, path

from guantong.portal import views_deliveries, views_notice_new, views_notice_sent, views_notices

urlpatterns: list[URLPattern | URLResolver] = [
    path("notices", views_notices.inbox),
    path("notices.csv", views_notices.inbox_csv),
    path("notices/read", views_notices.read_many),
    path("notices/settings", views_notices.settings),
    path("notices/new", views_notice_new.new),
    path("notices/sent", views_notice_sent.sent),
    path("notices/deliveries", views_deliveries.deliveries),
    path("notices/deliveries/again", views_deliveries.again),
    path("notices/deliveries/give-up", views_deliveries.give_up),
    path("notices/<uuid:id>", views_notices.notice),
    path("notices/<uuid:id>/accept", views_notices.accept),
    path("notices/<uuid:id>/receipts", views_notice_sent.receipts),
    path("notices/<uuid:id>/receipts.csv", views_notice_sent.receipts_csv),
    path("notices/<uuid:id>/remind", views_notice_sent.remind),
    path("notices/<uuid:id>/withdraw", views_notice_sent.withdraw),
    path("notices/<uuid:id>/send-again", views_notice_sent.send_again),
]
