"""What all pages share: errors, pagination, headers, template filters, static files. Knows no feature."""
