"""What the committee reads: digests, their exports, the archive with its trends."""

from flask import Response, render_template

from comcep.access.permissions import may_read_digests
from comcep.analytics import exporting, reading
from comcep.analytics.views import analytics
from comcep.web.current import requires


@analytics.get("/comite")
@requires(may_read_digests)
def index() -> str:
    return render_template(
        "analytics/committee.html",
        digests=reading.published_digests(),
        national=reading.national_themes(),
        archive=reading.archive(),
    )


@analytics.get("/comite/syntheses/<public_id:digest_id>")
@requires(may_read_digests)
def digest(digest_id: int) -> str:
    page = reading.page_or_404(digest_id)
    return render_template("analytics/digest.html", page=page, correction=None, redaction=None, unsent=None)


@analytics.get("/comite/syntheses/<public_id:digest_id>.csv")
@requires(may_read_digests)
def as_csv(digest_id: int) -> Response:
    shown = reading.published_digest_or_404(digest_id)
    return _file(exporting.as_csv(shown, reading.published_figures(shown)), "text/csv", f"synthese-{shown.number}.csv")


@analytics.get("/comite/syntheses/<public_id:digest_id>.json")
@requires(may_read_digests)
def as_json(digest_id: int) -> Response:
    shown = reading.published_digest_or_404(digest_id)
    return _file(
        exporting.as_json(shown, reading.published_figures(shown)), "application/json", f"synthese-{shown.number}.json"
    )


@analytics.get("/comite/syntheses/colonnes.json")
@requires(may_read_digests)
def columns() -> Response:
    return _file(exporting.described_columns(), "application/json", "synthese-colonnes.json")


def _file(content: str, kind: str, name: str) -> Response:
    """A download named by the digest's number alone: a file's name and date tell nothing else."""
    return Response(
        content,
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
