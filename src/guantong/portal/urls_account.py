"""Addresses of the pages of one's own account: sign-in, second factor, sessions; and of others'."""

from django.urls import URLPattern, URLResolver, path

from guantong.portal import (
    provider_sign_out,
    views_account,
    views_accounts,
    views_keys,
    views_oidc,
    views_own_account,
)

# Both ends have these.
shared: list[URLPattern | URLResolver] = [
    path("activate", views_account.activate),
    path("sign-in/second", views_account.second_step),
    path("sign-in/passkey/options", views_own_account.door_options),
    path("sign-in/passkey", views_own_account.door_passkey),
    path("sign-in/with/<str:provider_id>", views_oidc.start, name="openid_connect_login"),
    path("sign-in/from/<str:provider_id>", views_oidc.back, name="openid_connect_callback"),
    path("sign-out/done", provider_sign_out.done),
    path("sign-out/told", provider_sign_out.told),
    path("account", views_own_account.account),
    path("account/confirm", views_own_account.confirm),
    path("account/password", views_own_account.password),
    path("account/app", views_own_account.app),
    path("account/passkey", views_own_account.passkey_page),
    path("account/passkey/options", views_own_account.passkey_options),
    path("account/passkey/add", views_own_account.passkey_add),
    path("account/factors/<int:id>/remove", views_own_account.remove),
    path("account/recovery-codes", views_own_account.recovery),
    path("account/sessions", views_own_account.sessions),
    path("account/sessions/end", views_own_account.end_sessions),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *shared,
    path("account/keys", views_keys.keys),
    path("account/keys/new", views_keys.new_key),
    path("account/keys/<uuid:id>/revoke", views_keys.revoke),
    path("accounts", views_accounts.accounts),
    path("accounts/invite", views_accounts.invite),
    path("accounts/citizens", views_accounts.citizens),
    path("accounts/<uuid:person_id>", views_accounts.account),
    path("accounts/<uuid:person_id>/<str:act>", views_accounts.act),
]
