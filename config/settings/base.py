"""Settings of every process. Values come from the environment; `make run` writes a complete one to `.dev/env`."""

from __future__ import annotations

import environ

from config.settings.databases import databases
from config.settings.domains import declared_domains
from config.settings.environment import ENVIRONMENT_FILE as _ENVIRONMENT_FILE
from config.settings.environment import ROOT, load_env_file, process_kind
from config.settings.processes import base_urls, cookie_suffix, served_names

load_env_file()
env = environ.Env()

BASE_DIR = ROOT
PROCESS_KIND = process_kind()

# --- Topology: what this process serves, and how the apps reach the platform -----------------------------------------
PLATFORM_API_URL = env.str("PLATFORM_API_URL", default="")
DOMAINS = declared_domains(platform_by_api=bool(PLATFORM_API_URL))
SERVE = served_names(env, PROCESS_KIND, DOMAINS, platform_by_api=bool(PLATFORM_API_URL))  # empty: all
BASE_URLS = base_urls(env, DOMAINS)
DEBUG = env.bool("DEBUG", default=False)
DEFAULT_EXCEPTION_REPORTER_FILTER = "shared.session.reporting.UrlHidingFilter"
SECRET_KEY = env.str("SECRET_KEY", default="")
API_KEY_PEPPER = env.str("API_KEY_PEPPER", default="")
BASE_URL = env.str("BASE_URL", default=BASE_URLS.get(SERVE[0] if SERVE else "", "http://localhost:8000"))
ALLOWED_HOSTS = ["*"]  # every tenant brings hostnames: the tenant look-up refuses those it does not know
BASE_HOSTS = env.list("BASE_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- Applications: django-tenants' two lists -------------------------------------------------------------------------
SHARED_APPS = [
    "unfold",  # before django.contrib.admin and django_tenants: both bring admin templates
    "unfold.contrib.filters",
    "shared",  # before django_tenants: both bring a command create_tenant
    "django_tenants",
    "django.contrib.contenttypes",
    *(domain.app for domain in DOMAINS),
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "shared.backoffice",
    "django.contrib.admin",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
]
TENANT_APPS = ["crm.quickbooks"]
INSTALLED_APPS = SHARED_APPS + [app for app in TENANT_APPS if app not in SHARED_APPS]
TENANT_MODEL = "shared.Tenant"
TENANT_DOMAIN_MODEL = "shared.TenantDomain"
TENANT_BASE_MIGRATE_COMMAND = "shared.domains.executor.Command"
AUTH_USER_MODEL = "platform_core.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the login is unique by its generated column email_norm
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database --------------------------------------------------------------------------------------------------------
DATABASE_ROUTERS = ["shared.domains.router.DomainRouter"]
ROLL_OUT_AT_ONCE = env.bool("ROLL_OUT_AT_ONCE", default=False)  # migrating reaches every tenant's own schema
TENANT_SYNC_ROUTER = DATABASE_ROUTERS[0]  # django-tenants' own knows one database alone
ENVIRONMENT_FILE = _ENVIRONMENT_FILE
RELOAD_DATABASES = "config.settings.databases.reload_databases"
DATABASES = databases(env, PROCESS_KIND, tuple(d for d in DOMAINS if not SERVE or d.name in SERVE))
ACTIVITY_HEADS_DIR = env.str("ACTIVITY_HEADS_DIR", default=str(BASE_DIR / ".dev" / "activity_heads"))
REPLICA_MAX_LAG = env.float("REPLICA_MAX_LAG", default=5.0)  # seconds by which a replica may be behind

# --- Broker, cache, tasks --------------------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
EVENT_BUS_URL = env.str("EVENT_BUS_URL", default=REDIS_URL)  # carries events between databases
EVENT_BUS_NAME = env.str("EVENT_BUS_NAME", default="trellis")  # tells installations apart that share a bus
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.25, "socket_connect_timeout": 0.25},
    }
}
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "celery.beat:PersistentScheduler"
CELERY_TIMEZONE = "UTC"

# --- Requests --------------------------------------------------------------------------------------------------------
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shared.metrics.requests.RequestMetricsMiddleware",
    "shared.session.middleware.RequestContextMiddleware",
    "shared.api.middleware.KeyedRequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "shared.tenancy.middleware.PersonMiddleware",
    "shared.tenancy.middleware.StaffTenantMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes; also the API's limit for a body
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Sign-in ---------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "platform_core.authentication.MembershipBackend",
]
COOKIE_SUFFIX = cookie_suffix(SERVE, DOMAINS)  # empty where the platform is served, and people sign in
SESSION_ENGINE = "shared.backoffice.handover.sessions" if COOKIE_SUFFIX else "platform_core.sessions"
SESSION_COOKIE_NAME = f"trellis_session{COOKIE_SUFFIX}"
SESSION_COOKIE_SECURE = BASE_URL.startswith("https://")
CSRF_COOKIE_NAME = f"csrftoken{COOKIE_SUFFIX}"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
LOGIN_URL = "admin:login"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- Language, time, files -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / ".dev" / "static"))
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# --- The platform ----------------------------------------------------------------------------------------------------
PLATFORM_CLIENT = env.str(
    "PLATFORM_CLIENT",
    default="shared.platform_client.http.HttpPlatformClient"
    if PLATFORM_API_URL
    else "platform_core.client.InProcessPlatformClient",
)
PLATFORM_TIMEOUT = env.float("PLATFORM_TIMEOUT", default=0.8)  # seconds of one call, retries included
PLATFORM_LONG_TIMEOUT = env.float("PLATFORM_LONG_TIMEOUT", default=10.0)  # of analyses and drafts
PLATFORM_CACHE_SECONDS = env.int("PLATFORM_CACHE_SECONDS", default=10)  # 0: no cache
SERVICE_SECRET_SEED = env.str("SERVICE_SECRET_SEED", default="")
SERVICE_SECRETS = {
    domain.name: env.str(f"{domain.name.upper()}_SERVICE_SECRET", default="")
    for domain in DOMAINS
    if not domain.central
}

# --- Metrics ---------------------------------------------------------------------------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

from config.settings.api import *
from config.settings.backoffice import *
from config.settings.features import FEATURES as FEATURES
