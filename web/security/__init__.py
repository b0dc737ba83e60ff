"""Who may open what, and how a request proves itself."""

from web.security.needs import Looking, Needs, Viewer, keep_session, needs, read_form, refuse_other_sites, session_of

__all__ = ["Looking", "Needs", "Viewer", "keep_session", "needs", "read_form", "refuse_other_sites", "session_of"]
