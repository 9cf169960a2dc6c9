"""Addresses of the pages of proofs from the audit log."""

from django.urls import path

from guantong.portal import views_proof

urlpatterns = [
    path("proof/<slug:kind>/<uuid:id>", views_proof.proof),
    path("proof/<slug:kind>/<uuid:id>/file", views_proof.proof_file),
    path("proof/<slug:kind>/<uuid:id>/verify.py", views_proof.verifier),
    path("proof/<slug:kind>/<uuid:id>/keys", views_proof.public_keys),
]
