"""Addresses of the interface for other systems."""

from django.urls import URLPattern, URLResolver, include, path

from guantong.portal.api_v1.interface import urlpatterns as _operations

urlpatterns: list[URLPattern | URLResolver] = [path("api/v1/", include(_operations()))]
