"""What Linli does per second on this machine: `python -m bench`, everything against a real installation."""
