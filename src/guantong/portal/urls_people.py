"""Addresses of the pages of who there is: units, posts, people, and acts of administrators."""

from django.urls import URLPattern, URLResolver, path

from guantong.portal import (
    views_people,
    views_people_acts,
    views_people_import,
    views_people_participants,
    views_people_roster,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("people", views_people.book),
    path("people/gaps", views_people.gaps),
    path("people/gaps.csv", views_people.gaps_csv),
    path("people/book.xlsx", views_people.book_xlsx),
    path("people/<str:sheet>.csv", views_people.book_csv),
    path("people/import", views_people_import.start),
    path("people/import/template.xlsx", views_people_import.template),
    path("people/import/<uuid:id>", views_people_import.plan),
    path("people/import/<uuid:id>/correct", views_people_import.correct),
    path("people/import/<uuid:id>/headings", views_people_import.headings),
    path("people/import/<uuid:id>/apply", views_people_import.apply),
    path("people/import/<uuid:id>/drop", views_people_import.drop),
    path("people/<uuid:id>", views_people.person),
    path("people/<uuid:id>/correct", views_people_acts.correct),
    path("people/<uuid:id>/leave", views_people_acts.leave),
    path("people/<uuid:id>/delegate", views_people_acts.delegate),
    path("me/delegation", views_people.me),
    path("delegations/<uuid:id>/end", views_people_acts.end_delegation),
    path("appointments/<uuid:id>/end", views_people_acts.end),
    path("appointments/<uuid:id>/move", views_people_acts.move),
    path("appointments/<uuid:id>/undo", views_people_acts.undo),
    path("units/<uuid:id>", views_people.unit),
    path("units/<uuid:id>/appoint", views_people_acts.appoint),
    path("units/<uuid:id>/rename", views_people_acts.rename),
    path("units/<uuid:id>/merge", views_people_acts.merge),
    path("units/<uuid:id>/split", views_people_acts.split),
    path("units/<uuid:id>/office", views_people_acts.office),
    path("units/<uuid:id>/jurisdiction", views_people_acts.take_on),
    path("units/<uuid:id>/jurisdiction/<uuid:row>/end", views_people_acts.give_up),
    path("units/<uuid:id>/roster", views_people_roster.roster),
    path("units/<uuid:id>/roster/import", views_people_roster.bring),
    path("units/<uuid:id>/roster/<uuid:shift>/cancel", views_people_roster.cancel),
    path("participants/<str:kind>", views_people_participants.listing),
    path("participants/<str:kind>/<uuid:id>", views_people_participants.one),
    path("participants/<str:kind>/<uuid:id>/end", views_people_participants.end),
]
