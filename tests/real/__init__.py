"""Real services for the tests: PostgreSQL, Valkey, Chromium. Each is started by the run that wants it and ends with it."""
