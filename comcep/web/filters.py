"""What templates call: dates as a person says them, addresses of static files, stored HTML."""

import hashlib
import math
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names, get_month_names
from flask import Flask, g
from flask_babel import get_translations, ngettext
from markupsafe import Markup

from comcep.clock import now
from comcep.settings import BODY_LIMIT
from comcep.text.cleaning import clean_text
from comcep.text.markdown import render, stored_html

PARIS = ZoneInfo("Europe/Paris")
UTC = ZoneInfo("UTC")
_DAYS = get_day_names("wide", locale="fr")
_MONTHS = get_month_names("wide", locale="fr")
_SHORT_MONTHS = get_month_names("abbreviated", locale="fr")


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        ago=ago,
        full_date=full_date,
        iso=iso,
        day=day,
        period=period,
        initials=initials,
        stored_html=stored_html,
        rendered=rendered,
    )
    app.jinja_env.globals["asset"] = _asset_addresses(Path(app.static_folder or "static"))
    app.jinja_env.globals.update(_=_say, ngettext=_count)


def _say(message: str, **values: Any) -> Markup:
    """The text of a label, with its values escaped. As Jinja's own, in one call: a page has a hundred labels."""
    text = Markup(_translations().ugettext(message))  # noqa: S704  (labels of templates, not what anybody typed)
    return text % values if values or "%" in message else text


def _count(one: str, more: str, number: int, **values: Any) -> Markup:
    text = Markup(_translations().ungettext(one, more, number))  # noqa: S704
    return text % {"num": number, **values}


def _translations() -> Any:
    """Looked up once a request: Flask-Babel would write out the name of the locale for every label."""
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations


def ago(moment: datetime) -> str:
    """How long ago, as one says it: "il y a 3 h", "hier", "lundi", "12 mars", "12 mars 2017"."""
    elapsed = now() - moment
    minutes = int(elapsed.total_seconds() // 60)
    if minutes < 1:
        return "à l'instant"
    if minutes < 60:
        return f"il y a {minutes} min"
    if elapsed < timedelta(hours=12):
        return f"il y a {minutes // 60} h"
    local, today = _local(moment), _local(now())
    days = (today.date() - local.date()).days
    if days == 0:
        return "aujourd'hui"
    if days == 1:
        return "hier"
    if days < 7:
        return f"il y a {days} jours"
    if local.year == today.year:
        return f"{_day_number(local.day)} {_MONTHS[local.month]}"
    return f"{_day_number(local.day)} {_SHORT_MONTHS[local.month]} {local.year}"


def how_long(wait: timedelta) -> str:
    """How long to wait, rounded up: "30 secondes", "2 minutes", "3 heures"."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    if seconds < 60:
        return ngettext("%(num)s seconde", "%(num)s secondes", seconds)
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return ngettext("%(num)s minute", "%(num)s minutes", minutes)
    return ngettext("%(num)s heure", "%(num)s heures", math.ceil(minutes / 60))


def full_date(moment: datetime) -> str:
    """The exact date: "lundi 16 janvier 2017 à 9 h 05", Paris time."""
    local = _local(moment)
    weekday, month = _DAYS[local.weekday()], _MONTHS[local.month]
    return f"{weekday} {_day_number(local.day)} {month} {local.year} à {local.hour} h {local.minute:02}"


def iso(moment: datetime) -> str:
    """For <time datetime>."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def day(moment: date) -> str:
    """A day without its hour: "16 janvier 2017"."""
    return format_date(moment, "d MMMM y", locale="fr")


def period(dates: tuple[date, date]) -> str:
    """A period of days, both included."""
    return f"du {day(dates[0])} au {day(dates[1])}"


def rendered(source: str) -> Markup:
    """The safe HTML that a Markdown source would have once stored: for previews."""
    return stored_html(render(clean_text(source[: 2 * BODY_LIMIT])[:BODY_LIMIT]))


def initials(name: str) -> str:
    """Two letters for the round beside a name."""
    words = name.split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(PARIS)


def _day_number(number: int) -> str:
    return "1er" if number == 1 else str(number)


def _asset_addresses(folder: Path):  # type: ignore[no-untyped-def]
    @lru_cache(maxsize=200)
    def asset(path: str) -> str:
        """The address of a static file, with the fingerprint that lets it be kept for a year."""
        return f"/static/{path}?v={hashlib.sha256((folder / path).read_bytes()).hexdigest()[:12]}"

    return asset
