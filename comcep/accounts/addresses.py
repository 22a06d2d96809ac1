"""E-mail addresses: whether something is one, by its form only. Whether it is known here is never said."""

from email_validator import EmailNotValidError, validate_email

LONGEST = 254  # RFC 5321


def is_address(text: str) -> bool:
    """Whether mail could be sent there; nothing is looked up."""
    text = text.strip()
    if len(text) > LONGEST:
        return False
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
