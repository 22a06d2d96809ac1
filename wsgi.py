"""The WSGI entry: what gunicorn and the `flask` command line load."""

from comcep import create_app, embed_where_it_says, ready_to_fork

app = create_app()
embed_where_it_says(app)
ready_to_fork(app)
