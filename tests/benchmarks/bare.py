"""The ceiling: a bare Flask app with raw sqlite3, one query, the same 20 posts through one Jinja template."""

import os
import sqlite3

from flask import Flask
from markupsafe import Markup

PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{{ posts[0].title }}</title></head><body>
<h1>{{ posts[0].title }}</h1>{% for post in posts %}
<article id="message-{{ post.public_id }}"><header><b>{{ post.name }}</b>
<time>{{ post.created_at }}</time></header><div>{{ post.html }}</div></article>{% endfor %}</body></html>"""

app = Flask(__name__)
template = app.jinja_env.from_string(PAGE)


@app.get("/sujets/<int:topic_id>")
def topic(topic_id: int) -> str:
    connection = sqlite3.connect(os.environ["BARE_DATABASE"])
    connection.row_factory = sqlite3.Row
    rows = connection.execute(
        "select t.title, p.public_id, p.html, p.created_at, m.name from post p join topic t on t.id = p.topic_id"
        " join member m on m.id = p.author_id where t.public_id = ? order by p.id limit 20",
        (topic_id,),
    ).fetchall()
    connection.close()
    return template.render(posts=[{**row, "html": Markup(row["html"])} for row in rows])
