"""What it costs: the generated CRM beside an application written by hand, on one database. See README.md."""
