"""A CRM whose every screen, table, stage, right and report comes out of five YAML files."""
