"""Telling people: outbox to messages to phones (DESIGN §10)."""
