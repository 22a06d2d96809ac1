"""Text: Markdown to safe HTML, cleaning, excerpts, personal data. Knows no database and no request."""
