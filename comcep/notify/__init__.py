"""Who is told what, and how: notifications in the page, e-mail."""
