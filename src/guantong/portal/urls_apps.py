"""Addresses of the pages about application packages: what is installed, decides, and areas say."""

from django.urls import URLPattern, URLResolver, path

from guantong.portal import (
    views_apps,
    views_area_forms,
    views_area_words,
    views_areas,
    views_parameters,
    views_rehearsals,
    views_rule_drafts,
    views_rules,
    views_vmodel,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("apps", views_apps.apps),
    path("apps/releases/<uuid:id>", views_apps.release),
    path("apps/<str:id>", views_apps.application),
    path("apps/<str:id>/withdraw", views_apps.withdraw),
    path("apps/<str:id>/vmodel", views_vmodel.vmodel),
    path("apps/<str:id>/vmodel/<str:sheet>.csv", views_vmodel.sheet),
    path("apps/<str:id>/flows/<str:name>.bpmn", views_vmodel.flow_bpmn),
    path("apps/<str:id>/flows/<str:name>", views_vmodel.flow),
    path("apps/<str:id>/rehearsals", views_rehearsals.rehearsals),
    path("apps/<str:id>/rehearsals/<uuid:rehearsal>.html", views_rehearsals.report),
    path("apps/<str:id>/parameters", views_parameters.parameters),
    path("apps/<str:id>/parameters/<str:name>/set", views_parameters.set_value),
    path("apps/<str:id>/parameters/settings/<uuid:setting>/end", views_parameters.end),
    path("apps/<str:id>/rules", views_rules.rules),
    path("apps/<str:id>/rules/drafts/<uuid:version>", views_rule_drafts.edit),
    path("apps/<str:id>/rules/drafts/<uuid:version>/release", views_rule_drafts.release),
    path("apps/<str:id>/rules/drafts/<uuid:version>/withdraw", views_rule_drafts.withdraw),
    path("apps/<str:id>/rules/<str:name>.dmn", views_rules.rule_file),
    path("apps/<str:id>/rules/<str:name>.csv", views_rules.rule_csv),
    path("apps/<str:id>/rules/<str:name>", views_rules.rule),
    path("apps/<str:id>/rules/<str:name>/draft", views_rule_drafts.draft),
    path("apps/<str:id>/areas", views_areas.areas),
    path("apps/<str:id>/areas.csv", views_areas.areas_csv),
    path("apps/<str:id>/areas/said/<uuid:said>/end", views_areas.end),
    path("apps/<str:id>/areas/<str:area>/words", views_area_words.words),
    path("apps/<str:id>/areas/<str:area>/words/<path:key>", views_area_words.reword),
    path("apps/<str:id>/areas/<str:area>/forms", views_area_forms.forms),
    path("apps/<str:id>/areas/<str:area>/forms/<str:form>/add", views_area_forms.add),
    path(
        "apps/<str:id>/areas/<str:area>/forms/<str:form>/fields/<str:name>",
        views_area_forms.question,
    ),
]
