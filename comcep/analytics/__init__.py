"""Themes, indicators, disclosure control and the digest for the operational committee."""
