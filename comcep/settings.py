"""Every setting: its environment variable, its default, and why it exists.

Secrets are not settings: they are generated on first run and kept in the data folder (secrets_file.py).
"""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from click import ClickException

from comcep import data_folder, secrets_file


@dataclass(frozen=True)
class Setting:
    """One setting: the key in app.config, the variable that moves it, the default, and one line why."""

    key: str
    variable: str
    default: str
    why: str


SETTINGS = (
    Setting("DATA", "COMCEP_DATA", "instance", "folder of the database, the index, the files and the secrets"),
    Setting("DATABASE_URL", "COMCEP_DATABASE_URL", "", "empty: SQLite in the data folder; else a PostgreSQL address"),
    Setting(
        "SEARCH", "COMCEP_SEARCH", "", "whoosh or postgresql; empty: postgresql where the database is, else whoosh"
    ),
    Setting(
        "EMBEDDINGS",
        "COMCEP_EMBEDDINGS",
        "on",
        "off: search and themes go by words alone, some 20 ms faster a question; here: each process runs the engine",
    ),
    Setting("HOST", "COMCEP_HOST", "127.0.0.1", "address to listen on; demo mode accepts loopback only"),
    Setting("PORT", "PORT", "8000", "port to listen on"),
    Setting("PUBLIC_ADDRESS", "COMCEP_PUBLIC_ADDRESS", "", "address written in mails; empty: http://HOST:PORT"),
    Setting("WEB_WORKERS", "COMCEP_WEB_WORKERS", "2", "gunicorn processes"),
    Setting("PROXIES", "COMCEP_PROXIES", "0", "trusted proxies in front, so that the client's address is the real one"),
    Setting("REDIS_URL", "COMCEP_REDIS_URL", "", "empty: background work on SQLite and limits in memory; else Redis"),
    Setting("SMTP_URL", "COMCEP_SMTP_URL", "", "smtp://user:password@host:port; empty: .eml files in the data folder"),
    Setting(
        "SMTP_CA", "COMCEP_SMTP_CA", "", "file of the authorities that sign its certificate; empty: the machine's own"
    ),
    Setting("MAIL_SENDER", "COMCEP_MAIL_SENDER", "ComCEP <ne-pas-repondre@comcep.example>", "sender of every mail"),
    Setting("RATE_LIMITS", "COMCEP_RATE_LIMITS", "on", "off for measurements; refused outside demo and test"),
    Setting(
        "DIGEST_FLOOR", "COMCEP_DIGEST_K", "5", "smallest number of advisers a published cell may hold; 3 at least"
    ),
    Setting(
        "DIGEST_CALENDAR", "COMCEP_DIGEST_CALENDAR", "6", "digests a year, or the first days of periods: 01-01,03-15,…"
    ),
    Setting("DIGEST_MODE", "COMCEP_DIGEST_MODE", "keyed", "keyed noise, or private: a formal guarantee, fewer tables"),
    Setting("DIGEST_EPSILON", "COMCEP_DIGEST_EPSILON", "1.0", "what one digest spends in the private mode"),
)

ADDRESSES = {  # settings that hold one, and how it may begin
    "DATABASE_URL": ("postgresql", "postgres", "postgresql+psycopg", "sqlite"),
    "REDIS_URL": ("redis", "rediss", "unix"),
    "SMTP_URL": ("smtp", "smtp+tls", "smtps"),
}
BODY_LIMIT = 100_000  # characters of a post's source
REQUEST_LIMIT = 1_000_000  # bytes of any request: 100,000 characters, encoded, with room for the rest
CONNECTING = 5  # seconds that a database may take to answer the door, before it counts as down
# A server whose machine vanished is missed within half a minute, instead of holding a thread for a quarter of an hour.
POSTGRESQL_CONNECTION = {
    "connect_timeout": CONNECTING, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}  # fmt: skip
POSTS_PER_PAGE = 20
RESULTS_PER_PAGE = 20


class SettingsError(ClickException, ValueError):
    """A setting that cannot be used; the message says which and why. The command line shows it as one sentence."""


def load(overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """The configuration of one application: environment, defaults, secrets, then the overrides of a test."""
    config: dict[str, Any] = {s.key: os.environ.get(s.variable) or s.default for s in SETTINGS}
    config["DEBUG"] = False
    config.update(overrides or {})

    config["DATA"] = data = _data_folder(config["DATA"])
    _check_addresses(config)
    if config["SMTP_CA"] and not Path(config["SMTP_CA"]).is_file():
        raise SettingsError(
            "COMCEP_SMTP_CA : ce fichier n'existe pas. Donnez celui de l'autorité qui signe le certificat."
        )
    for key in ("PORT", "WEB_WORKERS", "PROXIES", "DIGEST_FLOOR"):
        config[key] = _whole_number(key, config[key])
    if config["DIGEST_FLOOR"] < 3:
        raise SettingsError("COMCEP_DIGEST_K: 3 at least; below it a published cell would point at people")
    if config["DIGEST_MODE"] not in ("keyed", "private"):
        raise SettingsError("COMCEP_DIGEST_MODE: keyed or private")
    _check_calendar(config["DIGEST_CALENDAR"])
    config["DIGEST_EPSILON"] = _positive("COMCEP_DIGEST_EPSILON", config["DIGEST_EPSILON"])
    if config["EMBEDDINGS"] not in ("on", "here", "off", False):
        raise SettingsError("COMCEP_EMBEDDINGS: on, off or here")
    config["EMBEDDINGS"] = config["EMBEDDINGS"] != "off" and config["EMBEDDINGS"]
    config["PUBLIC_ADDRESS"] = (config["PUBLIC_ADDRESS"] or f"http://{config['HOST']}:{config['PORT']}").rstrip("/")

    config["SECRETS_ARE_NEW"] = secrets_file.are_new(data)
    try:
        config["SECRETS"] = secrets_file.fingerprint(data)
    except secrets_file.Damaged as error:
        raise SettingsError(str(error)) from None
    config.update(_flask_settings(config, data))
    config["SEARCH"] = _search(config["SEARCH"], config["SQLALCHEMY_DATABASE_URI"])
    config.update(overrides or {}, DATA=data, EMBEDDINGS=config["EMBEDDINGS"])
    return config


def _data_folder(path: Any) -> Path:
    try:
        return data_folder.opened(path)
    except data_folder.NoDataFolder as error:
        raise SettingsError(f"COMCEP_DATA : {error}") from None


def _check_addresses(config: dict[str, Any]) -> None:
    """Raise SettingsError for an address of a kind that is not known: a mail server's password would travel in clear.
    The sentence repeats no address, which may hold one."""
    for key, kinds in ADDRESSES.items():
        kind = str(config[key]).partition("://")[0] if config[key] else kinds[0]
        if kind not in kinds:
            raise SettingsError(f"COMCEP_{key} : l'adresse commence par {', '.join(f'{known}://' for known in kinds)}.")


def _flask_settings(config: dict[str, Any], data: Path) -> dict[str, Any]:
    database = _database_uri(config["DATABASE_URL"], data)
    return {
        "SECRET_KEY": secrets_file.secret(data, "session"),
        "SQLALCHEMY_DATABASE_URI": database,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(database),
        "MAX_CONTENT_LENGTH": REQUEST_LIMIT,
        "MAX_FORM_MEMORY_SIZE": REQUEST_LIMIT,
        "SESSION_COOKIE_NAME": "comcep",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": 30 * 24 * 3600,  # of the cookie; when a session ends its row says (accounts)
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        "WTF_I18N_ENABLED": False,  # web/forms.py gives the few sentences of WTForms, loaded once
        "WTF_CSRF_ENABLED": True,
        "WTF_CSRF_CHECK_DEFAULT": False,  # web/csrf.py checks, so that typed text can be offered again
        "BABEL_DEFAULT_LOCALE": "fr",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Paris",
        "COMPRESS_ALGORITHM": ["gzip"],
        "COMPRESS_MIMETYPES": ["text/html", "text/css", "application/javascript", "text/javascript", "image/svg+xml"],
        "RATELIMIT_STORAGE_URI": config["REDIS_URL"] or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1} if config["REDIS_URL"] else {},
        # Redis down: each web process counts for itself until it is back, and nobody is kept from publishing.
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": bool(config["REDIS_URL"]),
        "RATELIMIT_ENABLED": config["RATE_LIMITS"] != "off",
        "RATELIMIT_HEADERS_ENABLED": False,
    }


def _engine_options(database: str) -> dict[str, Any]:
    options: dict[str, Any] = {"hide_parameters": True}  # a traceback in a log must not hold what somebody wrote
    if database.startswith("postgresql"):  # which may be started again, or be away, while the site runs
        options |= {"pool_pre_ping": True, "connect_args": POSTGRESQL_CONNECTION}
    return options


def _database_uri(address: str, data: Path) -> str:
    if not address:
        return f"sqlite:///{data / 'comcep.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if address.startswith(prefix):
            return "postgresql+psycopg://" + address.removeprefix(prefix)
    return address


def _search(wanted: str, database: str) -> str:
    is_postgresql = database.startswith("postgresql")
    if wanted not in ("", "whoosh", "postgresql") or (wanted == "postgresql" and not is_postgresql):
        raise SettingsError("COMCEP_SEARCH: whoosh, or postgresql where the database is PostgreSQL")
    return wanted or ("postgresql" if is_postgresql else "whoosh")


def _whole_number(key: str, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise SettingsError(f"{key}: a whole number is expected, not {value!r}") from None


def _check_calendar(calendar: str) -> None:
    """Raise SettingsError unless the calendar of digests cuts a year into whole months, or lists days in order."""
    try:
        if calendar.isdecimal():
            valid = int(calendar) > 0 and 12 % int(calendar) == 0
        else:
            days = [date.fromisoformat(f"2023-{day.strip()}") for day in calendar.split(",")]
            valid = days == sorted(set(days))
    except ValueError:
        valid = False
    if not valid:
        raise SettingsError("COMCEP_DIGEST_CALENDAR: 1, 2, 3, 4, 6 or 12 a year, or the first days: 01-01,03-15,…")


def _positive(variable: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number < 100:
        raise SettingsError(f"{variable}: a number above 0 is expected, not {value!r}")
    return number
