"""Addresses of the pages of attachments and documents out."""

from django.urls import URLPattern, URLResolver, path

from guantong.portal import views_documents, views_files

urlpatterns: list[URLPattern | URLResolver] = [
    path("cases/<uuid:id>/files", views_files.add_to_case),
    path("tasks/<uuid:id>/files", views_files.add_to_task),
    path("files/<uuid:id>", views_files.show),
    path("files/<uuid:id>/download", views_files.download),
    path("files/<uuid:id>/pages/<int:number>.png", views_files.picture),
    path("files/<uuid:id>/remove", views_files.remove),
    path("files/<uuid:id>/restore", views_files.restore),
    path("cases/<uuid:id>/documents/new", views_documents.new),
    path("documents/<uuid:id>", views_documents.show),
    path("documents/<uuid:id>/void", views_documents.void),
    path("verify", views_documents.verify),
    path("verify/<str:code>", views_documents.verify_code),
]
