"""Django's settings, taken from the environment and the home folder and nowhere else."""

import os
from pathlib import Path

from guantong.main import home as _home
from guantong.main import logs as _logs
from guantong.main import other_postgres as _other
from guantong.main import policy as _policy
from guantong.main import sign_in_settings as _sign_in
from guantong.main.errors import BadCount, BadSetting
from guantong.main.postgres import socket_folder


def _port(name: str, otherwise: int) -> int:
    text = os.environ.get(name) or str(otherwise)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise BadSetting(name=name, value=text[:40])
    return int(text)


def _count(name: str, otherwise: int, *, least: int, most: int) -> int:
    text = os.environ.get(name) or str(otherwise)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadCount(name=name, value=text[:40], least=least, most=most)
    return int(text)


HOME = _home.current()
BASE = Path(__file__).resolve().parent.parent

SECRET_KEY = HOME.secret_key()
DEBUG = False
ALLOWED_HOSTS = (os.environ.get("GUANTONG_HOSTS") or "127.0.0.1,localhost,[::1],testserver").split(
    ","
)

# Which of the two ends this process serves: officials, or citizens and enterprises.
END = _sign_in.end()
WEB_PORT = _port("GUANTONG_PORT", 8000)
GATEWAY_PORT = _port("GUANTONG_GATEWAY_PORT", WEB_PORT + 1)
# The citizen end is a process of its own, started only where it has a port.
_CITIZEN = os.environ.get("GUANTONG_CITIZEN_PORT")
CITIZEN_PORT = _port("GUANTONG_CITIZEN_PORT", 0) if _CITIZEN else None
GATEWAY_URL = _policy.gateway_address()
# Behind a proxy that ends TLS: GUANTONG_TLS=1.
_TLS = os.environ.get("GUANTONG_TLS") == "1"
WORKERS = _count("GUANTONG_WORKERS", 1, least=1, most=16)
# Below the time after which a worker ends itself whatever it does, so that the attempt counts.
FACT_SECONDS: float = _count("GUANTONG_FACT_SECONDS", 120, least=5, most=240)
LAKE = HOME.lake
KEYS = HOME.keys
FILES = HOME.files
HEADS = HOME.heads
# Read once, when the log is founded.
AUDIT_SUITE = os.environ.get("GUANTONG_AUDIT_SUITE") or "international"
# Beside the sources in a checkout, inside the package where it came as a wheel.
_SHIPPED_APPS = BASE / "apps" if (BASE / "apps").is_dir() else BASE.parent.parent / "apps"
APPS_FOLDER = Path(os.environ.get("GUANTONG_APPS") or _SHIPPED_APPS)

_database = (
    _other.address()
    if _other.named()
    else {"host": str(socket_folder(HOME)), "user": "postgres", "dbname": "postgres"}
)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.get("dbname", "guantong"),
        "USER": _database.get("user", ""),
        "PASSWORD": _database.get("password", ""),
        "HOST": _database.get("host", ""),
        "PORT": str(_database.get("port", "")),
        # Certificates, time limits and all else that an address of libpq may say.
        "OPTIONS": {
            name: value
            for name, value in _database.items()
            if name not in {"dbname", "user", "password", "host", "port"}
        },
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
}

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "guantong.base",
    "guantong.audit",
    "guantong.orgs",
    "guantong.access",
    "guantong.notices",
    "guantong.files",
    "guantong.registry",
    "guantong.flows",
    "guantong.data",
    "guantong.brain",
    "guantong.packages",
    "guantong.portal",
    "guantong.main",
]
AUTH_USER_MODEL = "access.User"
# Passwords are judged by guantong.access.account, which also counts attempts.
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["guantong.access.passwords.Argon2"]
# Second factors and outside providers: allauth's tables and protocols, our pages and rules.
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "guantong.portal.account_adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Guantong 贯通"
MFA_WEBAUTHN_USER_VERIFICATION = "required"
SOCIALACCOUNT_ADAPTER = "guantong.portal.account_adapter.ProviderAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": _sign_in.providers(), "OAUTH_PKCE_ENABLED": True}
}

MIDDLEWARE = [
    "guantong.main.observe.Observed",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "guantong.portal.headers.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "guantong.portal.middleware.ReaderMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": _policy.content_policy(
        _policy.page_hosts(ALLOWED_HOSTS),
        gateway=GATEWAY_URL,
        port=GATEWAY_PORT,
        tls=_TLS,
        issuer=_sign_in.issuer(),
    )
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = _policy.HSTS_SECONDS if _TLS else 0
PERMISSIONS_POLICY = _policy.PERMISSIONS
STREAM_POLICY = _policy.STREAM_POLICY
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _TLS else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "guantong.access.sessions"
# The two ends have cookies of their own; the prefix binds them to this very host, under TLS.
_PREFIX = "__Host-" if _TLS else ""
SESSION_COOKIE_NAME = f"{_PREFIX}guantong-{END}"
CSRF_COOKIE_NAME = f"{_PREFIX}guantong-{END}-form"
# NIST SP 800-63B-4, section 2.2.3 (AAL2): at most 24 hours in all, one hour without use.
# GB/T 22239-2019, 8.1.4.1 b) asks that an idle sign-in ends by itself and leaves the time to us.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_MINUTES = _sign_in.idle_minutes()
SECOND_FACTOR = _sign_in.second_factor()
TRUSTED_PROXIES = _sign_in.proxies()
# Whom people call for help: shown on citizen pages, and when the store is away.
TELEPHONE = _sign_in.telephone()
KEY_RATE = _sign_in.key_rate()
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_FAILURE_VIEW = "guantong.portal.middleware.stale_form"
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

ROOT_URLCONF = "guantong.main.urls" if END == "official" else "guantong.main.urls_citizen"
WSGI_APPLICATION = "guantong.main.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "portal" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "guantong.portal.context.frame"
                if END == "official"
                else "guantong.portal.citizen.frame.frame",
            ],
            "builtins": ["guantong.portal.templatetags.words"],
        },
    }
]

USE_I18N = False  # words come from the packages' messages/ folders (base.words)
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"

STATIC_URL = "/static/"
STATIC_ROOT = HOME.path / "static"
STATICFILES_DIRS = [BASE / "portal" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

FILE_UPLOAD_HANDLERS = [
    "guantong.portal.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "guantong.portal.uploads.NamelessUpload",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]  # TLS ends at the operator's proxy

LOGGING = _logs.settings(os.environ.get("GUANTONG_PROCESS", ""), _logs.level())
