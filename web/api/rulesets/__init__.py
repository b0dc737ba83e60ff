"""Rulesets for scripts: what is in force, new versions, and the steps by which two people put one in force."""
