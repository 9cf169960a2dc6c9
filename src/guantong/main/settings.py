"""Django's settings, taken from the environment and the home folder and nowhere else."""

import os
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from guantong.main import home as _home
from guantong.main.errors import BadSetting
from guantong.main.postgres import socket_folder


def _port(name: str, otherwise: int) -> int:
    text = os.environ.get(name) or str(otherwise)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise BadSetting(name=name, value=text[:40])
    return int(text)


HOME = _home.current()
BASE = Path(__file__).resolve().parent.parent

SECRET_KEY = HOME.secret_key()
DEBUG = False
ALLOWED_HOSTS = (os.environ.get("GUANTONG_HOSTS") or "127.0.0.1,localhost,[::1],testserver").split(
    ","
)

WEB_PORT = _port("GUANTONG_PORT", 8000)
GATEWAY_PORT = _port("GUANTONG_GATEWAY_PORT", WEB_PORT + 1)
LAKE = HOME.lake
APPS_FOLDER = Path(os.environ.get("GUANTONG_APPS") or BASE.parent.parent / "apps")

_database = (
    conninfo_to_dict(os.environ["DATABASE_URL"])
    if os.environ.get("DATABASE_URL")
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
    "axes",
    "guantong.base",
    "guantong.audit",
    "guantong.orgs",
    "guantong.access",
    "guantong.registry",
    "guantong.flows",
    "guantong.data",
    "guantong.brain",
    "guantong.packages",
    "guantong.portal",
]
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "guantong.portal.middleware.ReaderMiddleware",
    "axes.middleware.AxesMiddleware",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'", "'unsafe-inline'"],  # ECharts and bpmn-js place elements by style
        "connect-src": [
            "'self'", f"http://127.0.0.1:{GATEWAY_PORT}", f"http://localhost:{GATEWAY_PORT}"
        ],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "object-src": ["'none'"],
    }
}  # fmt: skip
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Behind a proxy that ends TLS: GUANTONG_TLS=1.
_TLS = os.environ.get("GUANTONG_TLS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _TLS else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_FAILURE_VIEW = "guantong.portal.middleware.stale_form"
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

ROOT_URLCONF = "guantong.main.urls"
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
                "guantong.portal.context.frame",
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

DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]  # TLS ends at the operator's proxy

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
