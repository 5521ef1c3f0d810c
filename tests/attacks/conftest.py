from tests.firm import firm, quick_firm
from tests.writes.conftest import office

__all__ = ["firm", "office", "quick_firm"]
