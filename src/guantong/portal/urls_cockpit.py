"""Addresses of the leaders' and the stewards' pages."""

from django.urls import path

from guantong.portal import views_cockpit, views_data, views_figure, views_ranking

urlpatterns = [
    path("cockpit", views_cockpit.cockpit),
    path("cockpit/state.json", views_cockpit.state_json),
    path("cockpit/<str:division>", views_cockpit.cockpit),
    path("map/<str:tier>.geojson", views_cockpit.outlines),
    path("figures/<str:id>.csv", views_figure.figure_csv),
    path("figures/<str:id>", views_figure.figure),
    path("rankings/<str:id>", views_ranking.ranking),
    path("data", views_data.datasets),
    path("data/<str:id>/contract.yaml", views_data.contract),
    path("data/<str:id>", views_data.dataset),
]
