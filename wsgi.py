"""The WSGI entry: what gunicorn and the `flask` command line load."""

from comcep import create_app

app = create_app()
