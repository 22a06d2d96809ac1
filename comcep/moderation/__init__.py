"""Hiding, moving, closing, relaying; statements of reasons; the journal; the animators' desk."""
