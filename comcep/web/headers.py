"""Headers of every answer: the policy that is the second wall behind sanitising, and what may be kept where."""

from ipaddress import ip_address

from flask import Flask, Response, abort, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from comcep.web.current import viewer
from comcep.web.errors import is_static
from comcep.web.sent import is_from_elsewhere

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
YEAR = "public, max-age=31536000, immutable"


class OwnPagesOnly(SecureCookieSessionInterface):
    """Sessions in the cookie, as Flask has them; but a file's answer writes none, whatever a part of the program put
    in, and neither does the answer to what another site sends.

    The browser keeps a member's cookie back from another site's form (SameSite=Lax): a stranger's session in the answer
    would take its place, and sign the member out. A link followed from elsewhere does bring the cookie.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        is_forged = request.method not in ("GET", "HEAD") and is_from_elsewhere()
        if not is_static() and not is_forged:
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    app.session_interface = OwnPagesOnly()

    @app.before_request
    def keep_a_demo_at_home() -> None:
        """A demo's passwords are printed on its door: it answers this machine and nobody else."""
        if app.config["DEMO"] and not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104
            abort(403)

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        if app.config["SESSION_COOKIE_SECURE"]:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint == "static" and response.status_code in (200, 206, 304):
            headers["Cache-Control"] = YEAR if request.args.get("v") else "public, max-age=300"
        elif is_static():
            headers["Cache-Control"] = "no-store"
        elif viewer().is_signed_in or session or response.status_code != 200 or request.method != "GET":
            # A copy in a cache, a validator or the back button must not outlive access, nor a form's token its session.
            headers["Cache-Control"] = "no-store"
        else:
            headers["Cache-Control"] = "no-cache"
            response.add_etag()
            response.make_conditional(request)
        return response
